#if Kafka
import Common
import Logging

/// What librdkafka says, in our log, and the last trouble of its connections, which its delivery reports do not tell.
final class KafkaLog {
    /// How long a trouble explains why nothing is acknowledged.
    private static let troubleCounts: Duration = .seconds(60)

    private let logger: Logger
    private let secrets: [Secret]
    private var last: (text: String, at: ContinuousClock.Instant)?

    /// Lines with one of `secrets` in them are not logged.
    init(_ logger: Logger, hiding secrets: [Secret]) {
        self.logger = logger
        self.secrets = secrets
    }

    /// The last trouble, while it is recent.
    var lastTrouble: String? { last.flatMap { .now - $0.at < Self.troubleCounts ? $0.text : nil } }

    func trouble(_ text: String) {
        guard let text = shown(text) else { return }
        last = (text, .now)
        logger.debug("kafka", metadata: ["says": "\(text)"])
    }

    /// Logs a line of the library's; `level` is syslog's.
    func line(_ text: String, level: Int32) {
        guard let text = shown(text) else { return }
        logger.log(level: Self.level(level), "kafka", metadata: ["says": "\(text)"])
    }

    private func shown(_ text: String) -> String? {
        secrets.contains { !$0.value.isEmpty && text.contains($0.value) } ? nil : String(text.prefix(500))
    }

    /// A broker's failure is a warning at most: what it means for events is the drain's to say.
    private static func level(_ syslog: Int32) -> Logger.Level {
        switch syslog {
        case ...2: .error
        case 3, 4: .warning
        case 5: .notice
        case 6: .info
        default: .debug
        }
    }
}
#endif
