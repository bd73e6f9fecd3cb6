import Common
import NIOHTTP1

/// Decides whether an event is signed by a service that we trust, and makes the envelope to push.
///
/// It reads who the event is about, which is whose turn it waits for; what it means is the worker's to say.
struct EventGate: Sendable {
    let keys: StandardWebhookKeys

    func envelope(
        _ headers: HTTPHeaders, _ body: [UInt8], receivedAt: Timestamp, _ correlationID: CorrelationID
    ) throws(EventRefusal) -> Envelope {
        let id = headers.first(name: "webhook-id")
        if let refusal = keys.refusal(
            id: id, timestamp: headers.first(name: "webhook-timestamp"),
            signature: headers.first(name: "webhook-signature"), body: body, now: receivedAt)
        {
            throw .signature(refusal)
        }
        guard let id, let event = JSONValue(parsing: body), let type = event["type"]?.string, !type.isEmpty else {
            throw .malformed
        }
        // The data stand in `data`, as Standard Webhooks recommend, or beside the type.
        guard let user = (event["data"] ?? event)["user_id"]?.string.flatMap({ UUID($0) }) else { throw .malformed }
        return Envelope(
            messageSID: "event:" + id, sender: "user:\(user)", receivedAt: receivedAt, correlationID: correlationID,
            kind: .event, body: body)
    }
}

/// Why an event was not accepted.
enum EventRefusal: Error, Sendable {
    case signature(StandardWebhookRefusal)
    /// Signed right, and not JSON, or without a type or a user.
    case malformed
    /// Too many events about this user wait.
    case throttled(retryAfter: Duration)
    /// Too much waits.
    case full
    /// Redis is nearly full.
    case memory
    /// It could not be put on the queue.
    case queue(RedisError)

    var answer: EventAnswer {
        switch self {
        case .signature(let refusal): refusal.isMalformed ? .malformed : .unauthorized
        case .malformed: .malformed
        case .throttled: .throttled
        case .full, .memory, .queue: .unavailable
        }
    }

    /// For logs: a word or a sentence without anything that came with the request.
    var cause: String {
        switch self {
        case .signature(let refusal): refusal.rawValue
        case .malformed: "not_an_event"
        case .throttled: "throttled"
        case .full: "queue_full"
        case .memory: "redis_nearly_full"
        case .queue(let error): error.description
        }
    }

    func response(_ correlationID: CorrelationID) -> HTTPServerResponse {
        var response = answer.response(correlationID)
        if case .throttled(let retryAfter) = self {
            let seconds = max(1, (retryAfter.wholeMilliseconds + 999) / 1000)
            response.headers.add(name: "Retry-After", value: "\(seconds)")
        }
        return response
    }
}

/// What an event is answered; the status is a label value of a metric.
enum EventAnswer: CaseIterable, Sendable {
    case accepted, malformed, unauthorized, throttled, unavailable

    var status: HTTPResponseStatus {
        switch self {
        case .accepted: .accepted
        case .malformed: .badRequest
        case .unauthorized: .unauthorized
        case .throttled: .tooManyRequests
        case .unavailable: .serviceUnavailable
        }
    }

    func response(_ correlationID: CorrelationID) -> HTTPServerResponse {
        switch self {
        case .accepted: .json(#"{"status":"accepted"}"#, status: status)
        case .malformed:
            .error(
                status, "malformed", "A signed JSON object with a type and a user_id is expected.", correlationID)
        case .unauthorized:
            .error(status, "unauthorized", "The signature is not right, or the timestamp too far off.", correlationID)
        case .throttled:
            .error(status, "too_many_requests", "Too many events about this user wait; send it later.", correlationID)
        case .unavailable:
            .error(status, "unavailable", "The event could not be queued; send it again.", correlationID)
        }
    }
}
