import Common

/// Everything that is held about one person, read for them.
struct PersonExport: Sendable {
    let person: SoughtPerson
    let servers: ConnectedOperator

    private static let limit = Duration.seconds(30)

    /// All of it; nil when there is nothing.
    func value() async throws -> JSONValue? {
        let sections = try await sections()
        let received = try await received()
        let queued = try await person.queued(on: servers.queue)
        let isEmpty =
            person.user == nil && received.isEmpty && queued.state == nil && queued.waiting.isEmpty
            && sections.allSatisfy { $0.value == .array([]) || $0.value == .null }
        if isEmpty { return nil }
        return .object(
            [.init("exported_at", .string(Timestamp.now.rfc3339))] + sections + [
                .init("messages_received", .array(received)),
                .init("conversation", queued.state.flatMap { JSONValue(parsing: $0) } ?? .null),
                .init("messages_waiting", .array(queued.waiting.map(Self.waiting))),
            ])
    }

    // MARK: From the database, which makes JSON itself

    private func sections() async throws -> [JSONValue.Member] {
        let addresses: SQL = "(\(person.addresses)::text[])"
        // Of nobody there are only messages.
        let user = person.user ?? .random()
        func rows(_ table: PersonalTable, _ value: SQL, _ order: SQL) -> SQL {
            """
            SELECT coalesce(jsonb_agg(\(sql: value) ORDER BY \(sql: order)), '[]')::text
              FROM \(identifier: table.rawValue) t WHERE \(sql: table.isOf(user, addresses))
            """
        }
        let events: SQL = """
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                     'id', id, 'type', event_type, 'occurred_at', occurred_at, 'payload', payload) ORDER BY sequence), '[]')::text
              FROM outbox_events WHERE shard = \(OutboxShard.of(user.description)) AND ordering_key = \(user.description)
            """
        let questions: [(name: String, sql: SQL, isOne: Bool)] = [
            ("user", rows(.users, "to_jsonb(t) - 'fence'", "created_at"), true),
            ("preferences", rows(.userPreferences, "to_jsonb(t) - 'user_id'", "created_at"), true),
            ("claims", rows(.claims, "to_jsonb(t) - 'user_id'", "created_at"), false),
            (
                "tickets",
                rows(
                    .claimMedia,
                    "to_jsonb(t) - 'user_id' - 'content' || jsonb_build_object('bytes', octet_length(content))",
                    "created_at"), false
            ),
            ("codes", rows(.otpChallenges, "to_jsonb(t) - 'user_id' - 'code_mac' - 'salt'", "created_at"), false),
            ("messages_sent", rows(.outboundMessages, "to_jsonb(t) - 'challenge_id'", "created_at, position"), false),
            (
                "dead_letters",
                rows(
                    .deadLetters,
                    "to_jsonb(t) - 'raw' || jsonb_build_object('envelope', encode(raw, 'escape'))", "at"), false
            ),
            ("events", events, false),
        ]
        let results = try await servers.postgres.unit(
            questions.map { $0.sql.named("operator_export") }, within: Self.limit)
        return try zip(questions, results).map { question, result in
            let text: String = try result.rows.first?.column(0) ?? "[]"
            guard let value = JSONValue(parsing: Array(text.utf8)), case .array(let all) = value else {
                throw PostgresError(.undecodable, "the database made no JSON of \(question.name)")
            }
            return .init(question.name, question.isOne ? all.first ?? .null : value)
        }
    }

    // MARK: What they wrote

    private func received() async throws -> [JSONValue] {
        let addresses: SQL = "(\(person.addresses)::text[])"
        let rows = PersonalTable.inboundMessages.isOf(person.user ?? .random(), addresses)
        let question: SQL = """
            SELECT message_sid, kind, sender, received_at, processed_at, raw FROM inbound_messages
             WHERE \(sql: rows) ORDER BY sequence
            """
        return try await servers.postgres.unit(question.named("operator_export_inbound"), within: Self.limit).rows.map {
            row throws(PostgresError) in
            let raw: [UInt8]? = try row.column(5)
            let processed: Timestamp? = try row.column(4)
            return [
                "message_sid": .string(try row.column(0, as: String.self)),
                "kind": .string(try row.column(1, as: String.self)),
                "sender": .string(try row.column(2, as: String.self)),
                "received_at": .string(try row.column(3, as: Timestamp.self).rfc3339),
                "processed_at": .string(processed?.rfc3339), "content": raw.map(Self.content) ?? .null,
            ]
        }
    }

    private static func waiting(_ bytes: [UInt8]) -> JSONValue {
        guard let envelope = try? Envelope(decoding: bytes) else {
            return .string(String(decoding: bytes, as: UTF8.self))
        }
        return [
            "message_sid": .string(envelope.messageSID), "kind": .string(envelope.kind.rawValue),
            "received_at": .string(envelope.receivedAt.rfc3339), "content": content(envelope.body),
        ]
    }

    /// A body as what it is: an event is JSON, everything else a form.
    private static func content(_ bytes: [UInt8]) -> JSONValue {
        if let json = JSONValue(parsing: bytes), case .object = json { return json }
        guard let form = FormParameters(parsing: bytes), form.count > 0 else {
            return .string(String(decoding: bytes, as: UTF8.self))
        }
        return .object(
            (0..<form.count).map { place in
                let (name, value) = form[place]
                return .init(String(decoding: name, as: UTF8.self), .string(String(decoding: value, as: UTF8.self)))
            })
    }
}
