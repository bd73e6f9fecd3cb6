/// What is told of a span, by the names of OpenTelemetry's semantic conventions
/// (https://opentelemetry.io/docs/specs/semconv/); what is ours alone begins with `whatsapp.`.
///
/// None of them may hold a number, a text or a code of a passenger: ids and words of ours only.
package enum SpanAttribute: String, Sendable, CaseIterable {
    case method = "http.request.method"
    case route = "http.route"
    case status = "http.response.status_code"
    case resends = "http.request.resend_count"
    case server = "server.address"
    case urlTemplate = "url.template"
    case messagingSystem = "messaging.system"
    case messagingOperation = "messaging.operation.name"
    case messagingOperationType = "messaging.operation.type"
    case destination = "messaging.destination.name"
    case partition = "messaging.destination.partition.id"
    case messageID = "messaging.message.id"
    case conversation = "messaging.message.conversation_id"
    case bodySize = "messaging.message.body.size"
    case database = "db.system.name"
    case databaseOperation = "db.operation.name"
    case statements = "db.operation.batch.size"
    case errorType = "error.type"
    case correlation = "whatsapp.correlation_id"
    case deliveries = "whatsapp.deliveries"
    case kind = "whatsapp.kind"
    case outcome = "whatsapp.outcome"
    case state = "whatsapp.state"
    case eventType = "whatsapp.event_type"
}
