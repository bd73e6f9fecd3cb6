import CoreMetrics

/// The timers of the commands that are in use, made once each and kept over reconnections.
final class RedisMetrics {
    /// The names come from our own code; the limit is there so that nothing can grow.
    private static let maximumNames = 64

    private let factory: any MetricsFactory
    private var timers: [String: Timer] = [:]

    init(factory: any MetricsFactory = MetricsSystem.factory) { self.factory = factory }

    /// Records how long `command` waited for its reply, or for the end of its patience.
    func record(_ command: String, _ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        timer(of: command).recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    private func timer(of command: String) -> Timer {
        if let timer = timers[command] { return timer }
        let isKept = timers.count < Self.maximumNames
        let timer = Timer(
            label: MetricName.redisCommand.rawValue,
            dimensions: [("command", isKept ? command.lowercased() : "other")], factory: factory)
        if isKept { timers[command] = timer }
        return timer
    }
}
