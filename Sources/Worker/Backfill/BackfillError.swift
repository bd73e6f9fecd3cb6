package import Common

/// Why a round of reading the provider's list ended early; its text holds no address, number or secret.
package enum BackfillError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The provider refuses: asking again does not help before something is mended.
    case refused(status: Int)
    /// The provider did not answer as it should, as often as it was asked.
    case unavailable(String)
    /// The answer was no page of messages.
    case unreadable
    /// The next page is said to lie on another server or in another account.
    case foreignPage
    case tooManyPages(Int)
    case outOfTime(Duration)
    /// Another reader has taken over; this one was away for too long.
    case leaseLost
    /// The queue did not take a message.
    case queue(RedisError)
    case database(PostgresError)

    package var description: String {
        switch self {
        case .refused(401), .refused(403):
            "Twilio refuses the credentials; check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or the API key"
        case .refused(404): "Twilio knows no such account; check TWILIO_ACCOUNT_SID and TWILIO_API_BASE_URL"
        case .refused(let status): "Twilio refuses to list messages (\(status)); see its error log"
        case .unavailable(let reason): "Twilio's list cannot be read: \(reason)"
        case .unreadable: "Twilio's list is not what it should be; check TWILIO_API_BASE_URL"
        case .foreignPage: "Twilio's list goes on somewhere else than at TWILIO_API_BASE_URL; it was not followed"
        case .tooManyPages(let count):
            "Twilio's list has more than \(count) pages of one day; narrow --since and --until"
        case .outOfTime(let limit): "reading Twilio's list took longer than \(limit.components.seconds) s"
        case .leaseLost: "another reader of Twilio's list has taken over"
        case .queue(let error): "the queue does not take messages: \(error)"
        case .database(let error): "the database cannot be used: \(error)"
        }
    }
}
