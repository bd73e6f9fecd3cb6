/// Something that happened to a user or a journey, for other services, written in the transaction that made it so.
///
/// The typed constructors (`userRegistered` and so on) build the payloads; every payload also has `correlation_id`
/// and `causation_id`, and `conversation_id` when a conversation caused it.
package struct OutboxEvent: Hashable, Sendable {
    /// What consumers deduplicate by: a UUID of version 7.
    package let id: UUID
    package let type: OutboxEventType
    package let version: Int
    package let aggregateType: AggregateType
    package let aggregateID: UUID
    /// Events of one key are published in the order of their commits: the user's id.
    package let orderingKey: String
    /// A JSON object.
    package let payload: String
    package let correlationID: CorrelationID
    /// The MessageSid that caused it; nil when no message did.
    package let causationID: String?
    /// The W3C trace context of what caused it.
    package let traceparent: String?
    /// When it happened by the writer's clock; the row's own time is the database's, read when it is appended.
    package let occurredAt: Timestamp

    /// What an event is about.
    package enum AggregateType: String, Hashable, Sendable, CaseIterable { case user, journey }

    package init(
        _ type: OutboxEventType, aggregateID: UUID, userID: UUID, payload members: [JSONValue.Member],
        cause: OutboxCause, at time: Timestamp
    ) {
        id = .timeOrdered(at: time)
        self.type = type
        version = 1
        aggregateType = type.aggregateType
        self.aggregateID = aggregateID
        orderingKey = userID.description
        let conversation = cause.conversationID.map { [JSONValue.Member("conversation_id", .string($0.description))] }
        payload =
            JSONValue.object(
                members + (conversation ?? []) + [
                    .init("correlation_id", .string(cause.correlationID.text)),
                    .init("causation_id", .string(cause.messageSID)),
                ]
            ).text
        correlationID = cause.correlationID
        causationID = cause.messageSID
        traceparent = cause.traceparent
        occurredAt = time
    }

    /// The part of the log it goes to.
    package var shard: Int { OutboxShard.of(orderingKey) }
}

/// What made an event happen, to be followed through logs, traces and other services.
package struct OutboxCause: Hashable, Sendable {
    package var correlationID: CorrelationID
    package var messageSID: String?
    /// The conversation that the message belongs to.
    package var conversationID: UUID?
    package var traceparent: String?

    package init(
        correlationID: CorrelationID, messageSID: String? = nil, conversationID: UUID? = nil, traceparent: String? = nil
    ) {
        self.correlationID = correlationID
        self.messageSID = messageSID
        self.conversationID = conversationID
        self.traceparent = traceparent
    }
}
