import Common
import NIOHTTP1

/// Why a webhook was not accepted.
enum WebhookRefusal: Error, Sendable {
    /// The body does not say that it is a form.
    case notAForm
    case signature(SignatureRefusal)
    /// It comes from Twilio, and is not what the route is for.
    case malformed(WebhookError)
    /// Its sender sends too much; there is room again after `retryAfter`.
    case throttled(QueueAcceptance.Limit, retryAfter: Duration)
    /// Too many messages wait.
    case full
    /// Redis is nearly full.
    case memory
    /// It could not be put on the queue.
    case queue(RedisError)

    var answer: WebhookAnswer {
        switch self {
        case .notAForm: .unsupported
        case .signature: .forbidden
        case .malformed: .malformed
        case .throttled: .throttled
        case .full, .memory, .queue: .unavailable
        }
    }

    /// Which limit it met, if any.
    var backpressure: Backpressure? {
        switch self {
        case .notAForm, .signature, .malformed: nil
        case .throttled(let limit, _): Backpressure(limit)
        case .full: .hard
        case .memory: .memory
        case .queue(let error): error.isOutOfMemory ? .memory : .unavailable
        }
    }

    /// The answer; to a sender that sends too much, with the whole seconds after which there is room.
    func response(_ correlationID: CorrelationID) -> HTTPServerResponse {
        var response = answer.response(correlationID)
        if case .throttled(_, let retryAfter) = self {
            let seconds = max(1, (retryAfter.wholeMilliseconds + 999) / 1000)
            response.headers.add(name: "Retry-After", value: "\(seconds)")
        }
        return response
    }

    /// For logs: a word or a sentence without anything that came with the request.
    var cause: String {
        switch self {
        case .notAForm: "not_a_form"
        case .signature(let refusal): refusal.rawValue
        case .malformed(let error): error.description
        case .throttled(let limit, _): "throttled_" + Backpressure(limit).rawValue
        case .full: "queue_full"
        case .memory: "redis_nearly_full"
        case .queue(let error): error.description
        }
    }
}

/// What a webhook is answered; the status is a label value of a metric.
enum WebhookAnswer: CaseIterable, Sendable {
    case accepted, malformed, forbidden, unsupported, throttled, unavailable

    var status: HTTPResponseStatus {
        switch self {
        case .accepted: .ok
        case .malformed: .badRequest
        case .forbidden: .forbidden
        case .unsupported: .unsupportedMediaType
        case .throttled: .tooManyRequests
        case .unavailable: .serviceUnavailable
        }
    }

    var code: Int { Int(status.code) }

    func response(_ correlationID: CorrelationID) -> HTTPServerResponse {
        switch self {
        case .accepted: Self.nothingToSay
        case .malformed:
            .error(status, "malformed", "The form is not a webhook of this address.", correlationID)
        case .forbidden: .error(status, "forbidden", "The signature is not right.", correlationID)
        case .unsupported:
            .error(status, "unsupported_media_type", "A form in UTF-8 is expected.", correlationID)
        case .throttled:
            .error(status, "too_many_requests", "The sender sends more than 60 messages a minute.", correlationID)
        case .unavailable:
            .error(status, "unavailable", "The message could not be queued; send it again.", correlationID)
        }
    }

    /// TwiML without instructions: the reply is sent through the REST API, later.
    private static let nothingToSay = HTTPServerResponse(
        status: .ok, headers: ["Content-Type": "text/xml"],
        body: .bytes(Array(#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#.utf8)))
}
