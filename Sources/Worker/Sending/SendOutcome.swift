import Common

/// What one attempt to create a message came to.
enum SendOutcome: Hashable, Sendable {
    /// Twilio has it, under this SID.
    case accepted(sid: String)
    /// Twilio refused it and will refuse it again; nil when it gave no code.
    case rejected(TwilioErrorCode?)
    /// Turned away unprocessed because there was too much at a time: safe to repeat.
    case rateLimited(retryAfter: Duration?)
    /// It provably did not leave, or was turned away unprocessed: safe to repeat.
    case notSent
    /// Our credentials or account are refused, or there is no such address: nothing was processed, and nothing will be
    /// until someone mends it.
    case accountRefused
    /// It may have been sent: look for evidence before trying again.
    case unknown

    /// The longest wait that a `Retry-After` is believed to mean.
    static let longestRetryAfter = Duration.seconds(600)

    /// Reads an answer: `code` is Twilio's, from the body, and `sid` the new resource's.
    ///
    /// - 408: a server or proxy gave up waiting for the rest of the request, or for the server behind it: unknown.
    /// - 409, 425 without a code: the server declined to process it now (RFC 9110 15.5.10, RFC 8470 5.2): not sent.
    /// - 401, 403, 404, 407 without a code of a message's own: not the message's fault.
    /// - 429: "never processed and always safe to retry" (https://www.twilio.com/docs/api/errors/20429).
    /// - Any other 4xx: refused for good, with or without a code.
    /// - 2xx without a SID, 1xx, 3xx and 5xx: unknown.
    init(status: Int, code: TwilioErrorCode?, sid: String?, retryAfter: String?) {
        let pause = retryAfter.flatMap { Int($0) }
            .map { min(Duration.seconds(max($0, 0)), Self.longestRetryAfter) }
        switch (status, code?.meaning) {
        case (200..<300, _): self = sid.map { .accepted(sid: $0) } ?? .unknown
        case (429, _), (400..<500, .rateLimited): self = .rateLimited(retryAfter: pause)
        case (401, _), (407, _), (403, nil), (404, nil), (400..<500, .accountRefused): self = .accountRefused
        case (408, _): self = .unknown
        case (409, nil), (425, nil): self = .notSent
        case (400..<500, _): self = .rejected(code)
        case _: self = .unknown
        }
    }

    /// The `result` of `whatsapp_replies_total`.
    var label: String {
        switch self {
        case .accepted: "sent"
        case .rejected: "failed"
        case .rateLimited, .notSent, .accountRefused: "retried"
        case .unknown: "unknown"
        }
    }
}
