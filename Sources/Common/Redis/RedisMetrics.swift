import Metrics

/// The timers of the commands that are in use, made once each.
struct RedisMetrics {
    private static let label = "whatsapp_redis_command_seconds"
    /// The names come from our own code; the limit is there so that nothing can grow.
    private static let maximumNames = 64

    private var timers: [String: Timer] = [:]

    /// Records how long `command` waited for its reply.
    mutating func record(_ command: String, _ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        timer(of: command).recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    private mutating func timer(of command: String) -> Timer {
        if let timer = timers[command] { return timer }
        guard timers.count < Self.maximumNames else {
            return Timer(label: Self.label, dimensions: [("command", "other")])
        }
        let timer = Timer(label: Self.label, dimensions: [("command", command.lowercased())])
        timers[command] = timer
        return timer
    }
}
