import CoreMetrics

/// The timers of the commands that are in use and the counters of redirections, made once each and kept over reconnections.
final class RedisMetrics {
    /// The names come from our own code; the limit is there so that nothing can grow.
    private static let maximumNames = 64

    private let factory: any MetricsFactory
    private var timers: [String: Timer] = [:]
    /// Of the last command: the next one is likely to be the same.
    private var last: (command: String, timer: Timer)?
    private var redirections: [Redirection: Counter] = [:]

    /// Why a node of a cluster did not serve a command itself.
    enum Redirection: String {
        /// The slot belongs to another node.
        case moved
        /// The slot is on its way to another node, and the key may be there.
        case ask
        /// The slot is on its way to another node, and only some of the keys are there.
        case tryagain
    }

    init(factory: any MetricsFactory = MetricsSystem.factory) { self.factory = factory }

    /// Records how long `command` waited for its reply, or for the end of its patience.
    func record(_ command: String, _ duration: Duration) {
        if last?.command != command { last = (command, timer(of: command)) }
        last?.timer.record(duration: duration)
    }

    /// Counts a redirection.
    func redirected(_ kind: Redirection) {
        if redirections[kind] == nil {
            redirections[kind] = Counter(
                label: MetricName.redisRedirections.rawValue, dimensions: [("kind", kind.rawValue)], factory: factory)
        }
        redirections[kind]?.increment()
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
