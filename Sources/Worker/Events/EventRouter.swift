import Common
import Logging

/// Brings events that name a user into the turn of that person: see docs/decisions/0014.
///
/// Other services know users by id, the queue knows people by their address. An event comes first to the queue of
/// `user:<id>`, and from there it is pushed to the person's own, behind what they have written before: one person is
/// never handled in two places.
struct EventRouter: Sendable {
    let postgres: PostgresClient
    let producer: QueueProducer
    let keys: QueueKeys
    let metrics: HandlerMetrics
    let logger: Logger

    static let addressPrefix = "user:"
    /// Sets the second envelope apart from the first, which Redis would else take for the same one.
    private static let turnPrefix = "turn:"
    /// How often one event follows a person whose address changes.
    private static let mostTurns = 4
    /// How many databases an event is brought to in search of its user, if there are several.
    private static let mostDatabases = 16

    /// The user whose event waits here to be brought on; nil when it has arrived.
    static func user(of envelope: Envelope) -> UUID? {
        guard envelope.sender.hasPrefix(addressPrefix) else { return nil }
        return UUID(envelope.sender.dropFirst(addressPrefix.count))
    }

    /// The event as it was told us: under the name by which it happens once.
    static func original(_ envelope: Envelope) -> Envelope {
        var original = envelope
        while original.messageSID.hasPrefix(turnPrefix) { original.messageSID.removeFirst(turnPrefix.count) }
        return original
    }

    /// Pushes the event to the person's own queue; one about nobody we know is recorded and left.
    ///
    /// A second push, after a crash before the settle, is dropped by its name, or by the row of the first.
    func route(_ envelope: Envelope, to user: UUID) async throws -> TurnResult {
        let known = try await postgres.unit("SELECT sender FROM users WHERE id = \(user)").rows.first
        let turns =
            (envelope.messageSID.utf8.count - Self.original(envelope).messageSID.utf8.count)
            / Self.turnPrefix.utf8.count
        var next = envelope
        next.messageSID = Self.turnPrefix + envelope.messageSID
        let shard: Int
        if let known, turns < Self.mostTurns + (keys.served.areAll ? 0 : Self.mostDatabases) {
            next.sender = try known.column(0)
            shard = keys.shard(of: next.sender)
        } else if known == nil, let elsewhere = keys.served.next, turns < Self.mostDatabases {
            next.sender = Self.addressPrefix + user.description
            shard = elsewhere
        } else {
            return try await ignore(envelope, user)
        }
        FaultPoint.beforeRoute.reached()
        do { try await producer.push(next, to: shard) } catch {
            logger.warning("an event cannot be brought to its user: it waits", metadata: ["cause": "\(error)"])
            throw TurnPause(after: .seconds(1))
        }
        FaultPoint.afterRoute.reached()
        metrics.processed("routed")
        return .done(nil)
    }

    /// Records under the user's id that the event was seen, and not what it says: they may have been erased.
    private func ignore(_ envelope: Envelope, _ user: UUID) async throws(PostgresError) -> TurnResult {
        let original = Self.original(envelope)
        try await postgres.unit(
            """
            INSERT INTO inbound_messages
              (message_sid, sender, kind, received_at, processed_at, correlation_id, outcome)
            VALUES
              (\(original.messageSID), \(Self.addressPrefix + user.description), \(envelope.kind.rawValue),
               \(envelope.receivedAt), \(Timestamp.now), \(envelope.correlationID.text),
               \(JSONText(#"{"ignored":"unknown user"}"#)))
            ON CONFLICT (message_sid) DO NOTHING
            """)
        logger.warning(
            "an event is about nobody we know: it is left", metadata: ["message_sid": "\(original.messageSID)"])
        metrics.processed("ignored")
        return .done(nil)
    }
}
