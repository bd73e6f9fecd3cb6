import Common

/// Why a message was refused, or would soon be: label values of a metric.
enum Backpressure: String, CaseIterable, Sendable {
    /// The sender has sent more than it may in a minute.
    case allowance
    /// Too many of the sender's messages wait.
    case senderCap = "sender_cap"
    /// Accepted, though more wait than should.
    case soft
    /// Too many messages wait.
    case hard
    /// Redis is full, or nearly.
    case memory
    /// Redis cannot be reached.
    case unavailable

    init(_ limit: QueueAcceptance.Limit) {
        self =
            switch limit {
            case .allowance: .allowance
            case .waitingPerSender: .senderCap
            }
    }
}
