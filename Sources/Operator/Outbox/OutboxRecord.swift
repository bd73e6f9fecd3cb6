import Common

/// An event of the log, or of those parked, and where it stands with each sink.
struct OutboxRecord: Sendable {
    let sequence: Int64
    let id: String
    let shard: Int
    let key: String
    let type: String
    let occurredAt: Timestamp?
    /// JSON; nil unless asked for.
    let payload: String?
    /// Sinks and what they have done with it, in words of `outbox list`.
    let states: [(sink: String, state: String)]

    init(_ row: PostgresRow) throws(PostgresError) {
        sequence = try row.column("sequence")
        id = try row.column("id")
        shard = try row.column("shard")
        key = try row.column("ordering_key")
        type = try row.column("event_type")
        occurredAt = try row.column("occurred_at")
        payload = try row.column("payload")
        states = (try row.column("states", as: String?.self) ?? "").split(separator: ",").compactMap { pair in
            let words = pair.split(separator: "=", maxSplits: 1).map(String.init)
            return words.count == 2 ? (words[0], words[1]) : nil
        }
    }

    func json(showPayload: Bool) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("sequence", .integer(Int(sequence))), .init("id", .string(id)), .init("type", .string(type)),
            .init("key", .string(key)), .init("shard", .integer(shard)),
            .init("occurred_at", .string(occurredAt?.rfc3339)),
            .init("sinks", .object(states.map { .init($0.sink, .string($0.state)) })),
        ]
        if showPayload {
            let value = payload.flatMap { JSONValue(parsing: Array($0.utf8)) }
            members.append(.init("payload", value ?? .null))
        }
        return .object(members)
    }

    static func table(_ events: [OutboxRecord], showPayload: Bool) -> String {
        Output.table(
            ["SEQUENCE", "ID", "TYPE", "KEY", "OCCURRED", "SINKS"] + (showPayload ? ["PAYLOAD"] : []),
            events.map { event in
                [
                    "\(event.sequence)", Output.printable(event.id), Output.printable(event.type),
                    Output.printable(event.key), event.occurredAt?.rfc3339 ?? "-",
                    event.states.isEmpty
                        ? "-" : event.states.map { "\($0.sink) \($0.state)" }.joined(separator: ", "),
                ] + (showPayload ? [Output.printable(event.payload ?? "-")] : [])
            })
    }
}
