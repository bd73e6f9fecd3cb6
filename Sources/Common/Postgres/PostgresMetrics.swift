import CoreMetrics

/// Times of units by the name of their first named statement, and the states of the connections.
struct PostgresMetrics {
    private var timers: [String: Timer] = [:]
    private let ready = Gauge(label: MetricName.databasePool.rawValue, dimensions: [("state", "ready")])
    private let busy = Gauge(label: MetricName.databasePool.rawValue, dimensions: [("state", "busy")])
    private let connecting = Gauge(label: MetricName.databasePool.rawValue, dimensions: [("state", "connecting")])

    mutating func record(_ statements: [SQL], _ duration: Duration) {
        let name = statements.lazy.compactMap(\.name).first ?? "other"
        let timer: Timer
        if let known = timers[name] {
            timer = known
        } else {
            timer = Timer(label: MetricName.databaseQuery.rawValue, dimensions: [("query", name)])
            timers[name] = timer
        }
        timer.recordNanoseconds(duration.wholeMicroseconds * 1000)
    }

    /// How many connections have nothing to do, have units in flight, and are not made.
    func record(ready: Int, busy: Int, connecting: Int) {
        self.ready.record(ready)
        self.busy.record(busy)
        self.connecting.record(connecting)
    }
}
