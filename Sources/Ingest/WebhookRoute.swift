import Common

/// The addresses that Twilio posts to.
enum WebhookRoute: String, CaseIterable, Sendable {
    /// A message for us.
    case message = "/webhook/twilio"
    /// News of a message of ours.
    case status = "/webhook/twilio/status"
    /// The same message again, because Twilio had no answer to the first: its MessageSid keeps it from counting twice.
    case fallback = "/webhook/twilio/fallback"

    var kind: Envelope.Kind {
        switch self {
        case .message, .fallback: .message
        case .status: .status
        }
    }
}
