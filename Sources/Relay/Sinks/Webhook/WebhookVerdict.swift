import Common

/// What an endpoint's answer to one event means (docs/decisions/0018-what-a-webhook-answers.md).
enum WebhookVerdict: Hashable, Sendable {
    /// It has the event.
    case taken
    /// It does not want this event; others may fare better.
    case refused(EventRefusal)
    /// It takes no events for now, whichever; `wait` is how long it asks to be left alone.
    case unavailable(String, wait: Duration?)
    /// It wants no events any more: somebody has to decide.
    case gone

    /// Judges a status; `retryAfter` is that header's value.
    init(status: Int, retryAfter: String? = nil, now: Timestamp = .now) {
        switch status {
        case 200..<300: self = .taken
        // Followed, an event would go where nobody configured it to go. It concerns all events alike.
        case 300..<400: self = .unavailable("it redirects, which is not followed: correct RELAY_WEBHOOK_URL", wait: nil)
        case 410: self = .gone
        case 408, 425, 429, 502, 503, 504:
            self = .unavailable("it answered \(status)", wait: RetryAfter.wait(retryAfter, now: now))
        // 500 and the rest of 5xx too: more often than not one event is what the receiver stumbles over.
        case 400..<600: self = .refused(EventRefusal(status: status, "answered \(status)"))
        default: self = .unavailable("it answered \(status), which is no status of HTTP", wait: nil)
        }
    }

    /// Judges that there is no answer.
    init(_ error: HTTPError) {
        let reason =
            switch error.code {
            case .invalidRequest: "the request cannot be made: check RELAY_WEBHOOK_URL"
            case .overloaded: "too many requests wait"
            case .nameNotResolved: "its host name is not found"
            case .couldNotConnect: "it cannot be connected to"
            case .addressRefused:
                "its address is private, which only APP_ENV=development and test allow: correct RELAY_WEBHOOK_URL"
            case .tlsFailed: "TLS failed (\(error.reason))"
            case .timedOut: "it did not answer in time"
            case .connectionLost, .sendFailed: "the connection was lost"
            case .responseTooLarge: "its answer's head is too large"
            case .cancelled: "the relay is stopping"
            }
        self = .unavailable(reason, wait: nil)
    }

    /// The value of the metric's label `status`: the class of a status, else a word.
    static func label(status: Int) -> String { (1...5).contains(status / 100) ? "\(status / 100)xx" : "other" }

    /// The same for no answer.
    static func label(_ error: HTTPError) -> String { error.code == .timedOut ? "timeout" : "none" }
}
