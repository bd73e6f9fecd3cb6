import Common
import Conversation
import CoreMetrics

/// What the handling of messages is measured by; names and labels as `docs/` lists them.
struct HandlerMetrics: Sendable {
    func processed(_ outcome: String) {
        Counter(label: MetricName.messagesProcessed.rawValue, dimensions: [("outcome", outcome)]).increment()
    }

    func stage(_ stage: String, _ duration: Duration) {
        Timer(label: MetricName.messageStage.rawValue, dimensions: [("stage", stage)]).record(duration: duration)
    }

    /// Counts what a decision did, once it is committed.
    func committed(_ decision: Decision, from: Conversation.State, to: Conversation.State) {
        processed("committed")
        Counter(
            label: MetricName.fsmTransitions.rawValue,
            dimensions: [("from", StoredState(from).name), ("to", StoredState(to).name)]
        ).increment()
        for counted in decision.counted {
            switch counted {
            case .erasure(let source):
                Counter(label: MetricName.erasures.rawValue, dimensions: [("source", source.rawValue)]).increment()
            case .registration: Counter(label: MetricName.registrations.rawValue).increment()
            case .claim(let action):
                Counter(label: MetricName.claims.rawValue, dimensions: [("status", action.rawValue)]).increment()
            case .code(let action):
                Counter(label: MetricName.otp.rawValue, dimensions: [("action", action.rawValue)]).increment()
            }
        }
    }
}
