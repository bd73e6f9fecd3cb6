/// How far a message has come, in the words of Twilio's Message resource.
enum MessageStatus: String, Sendable {
    /// Taken for a messaging service, whose sender is chosen later.
    case accepted
    case queued, sent, delivered, read
    case failed, undelivered
    /// Of a passenger's message.
    case received

    /// Whether nothing comes after it.
    var isFinal: Bool {
        switch self {
        case .accepted, .queued, .sent, .delivered: false
        case .read, .failed, .undelivered, .received: true
        }
    }
}
