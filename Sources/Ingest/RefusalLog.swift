import Common
import Logging

/// Says why webhooks were refused, in so many lines a second at most: anyone may post to us.
final class RefusalLog: Sendable {
    private struct Window {
        var second: Int64 = 0
        var lines = 0
        var dropped = 0
    }

    private let logger: Logger
    private let limit: Int
    private let window = Locked(Window())

    init(_ logger: Logger, linesPerSecond limit: Int = 20) {
        self.logger = logger
        self.limit = limit
    }

    func note(_ refusal: WebhookRefusal, _ webhook: Webhook, _ trace: TraceParent?) {
        note(
            refusal.cause, route: webhook.route.rawValue, status: refusal.answer.code, webhook.correlationID,
            trace ?? webhook.caller)
    }

    func note(_ cause: String, route: String, status: Int, _ correlationID: CorrelationID, _ trace: TraceParent?) {
        let second = Timestamp.now.seconds
        let dropped: Int? = window.withLock { window in
            if window.second != second { (window.second, window.lines) = (second, 0) }
            guard window.lines < limit else {
                window.dropped += 1
                return nil
            }
            window.lines += 1
            defer { window.dropped = 0 }
            return window.dropped
        }
        guard let dropped else { return }
        var metadata = Logger.Metadata.about(correlationID, trace)
        metadata["cause"] = "\(cause)"
        metadata["route"] = "\(route)"
        metadata["status"] = .stringConvertible(status)
        if dropped > 0 { metadata["lines_dropped"] = .stringConvertible(dropped) }
        logger.warning("webhook refused", metadata: metadata)
    }
}
