/// How far a message has got, in Twilio's words.
package enum MessageStatus: String, Hashable, Sendable, CaseIterable {
    case accepted, scheduled, canceled, queued, sending, sent, failed, delivered, undelivered, receiving, received, read
    case partiallyDelivered = "partially_delivered"

    /// Where a status stands on the way; callbacks come in any order, and a lower one never replaces a higher one.
    package var rank: Int {
        switch self {
        case .accepted, .scheduled: 0
        case .queued, .receiving: 1
        case .sending: 2
        case .sent: 3
        case .delivered, .partiallyDelivered, .received: 4
        case .read: 5
        case .canceled, .failed, .undelivered: 6
        }
    }

    /// Whether the message will not arrive.
    package var isFailure: Bool {
        switch self {
        case .canceled, .failed, .undelivered: true
        case .accepted, .scheduled, .queued, .sending, .sent, .delivered, .receiving, .received, .read,
            .partiallyDelivered:
            false
        }
    }
}
