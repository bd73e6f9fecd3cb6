import Common
import Conversation
import TestSupport
import Testing

@testable import Worker

/// What an erasure does to the rows of a migrated database.
@Suite struct ErasureDatabaseTests {
    let user = UUID.timeOrdered()
    let phone = "+447700900123"
    var sender: String { "whatsapp:GB.13491208655302741918" }

    /// Somebody known by a user id, who wrote under their number before, with something in every table; and a bystander.
    func withPeople(_ body: (PostgresClient, PostgresServer, String) async throws -> Void) async throws {
        try await DatabaseTests().withDatabase { client, postgres, database in
            try await client.unit([
                """
                INSERT INTO users (id, sender, phone_number, external_user_id, display_name, fence)
                VALUES (\(user), \(sender), \(phone), \(sender), 'Zebedee', 5)
                """,
                "INSERT INTO users (sender, phone_number) VALUES ('whatsapp:+447700900999', '+447700900999')",
                "INSERT INTO user_preferences (user_id) VALUES (\(user))",
                "INSERT INTO otp_challenges (user_id, code_mac, salt, channel, sent_to, expires_at) VALUES (\(user), \([UInt8](repeating: 1, count: 32)), \([UInt8](repeating: 1, count: 16)), 'sms', \(phone), now())",
                ClaimDatabaseTests().insert("DR-CDFGHJ", minutesAgo: 0, of: user),
                """
                INSERT INTO inbound_messages (message_sid, sender, kind, raw, received_at, processed_at, outcome) VALUES
                  ('SM1', \("whatsapp:" + phone), 'message', 'Body=marzipan', now(), now(), '{"state":{}}'),
                  ('SM2', \(sender), 'message', 'Body=marzipan', now(), NULL, NULL),
                  ('event:1', \("user:\(user)"), 'event', '{}', now(), now(), NULL),
                  ('SM3', 'whatsapp:+447700900999', 'message', 'Body=other', now(), now(), NULL)
                """,
                """
                INSERT INTO outbound_messages (in_reply_to, sender, recipient, body, state) VALUES
                  ('SM1', \("whatsapp:" + phone), \("whatsapp:" + phone), 'Hi Zebedee', 'sent'),
                  ('SM2', \(sender), \(sender), 'Hi Zebedee', 'sending'),
                  ('SM3', 'whatsapp:+447700900999', 'whatsapp:+447700900999', 'Hi other', 'sent')
                """,
                """
                INSERT INTO dead_letters (message_sid, sender, reason, raw, error) VALUES
                  ('SM4', \(sender), 'deliveries', 'marzipan', 'e'), ('SM5', 'whatsapp:+447700900999', 'x', 'other', 'e'),
                  ('malformed:1', '', 'malformed', 'To=%2B447700900123&', 'e'),
                  ('malformed:2', '', 'malformed', 'To=%2B4477009001234&', 'e')
                """,
                OutboxEvent.userVerified(
                    user, phoneNumber: phone, at: .now, cause: OutboxCause(correlationID: CorrelationID())
                ).appendStatement(),
                """
                INSERT INTO outbox_parked (sink, sequence, shard, ordering_key, event, state)
                SELECT 'webhook', sequence, shard, ordering_key, to_jsonb(e), 'retry' FROM outbox_events e
                """,
            ])
            try await body(client, postgres, database)
        }
    }

    var erasure: Erasure {
        Erasure(user: user, addresses: [sender], messageSID: "SM9", source: .requested, at: .now)
    }

    func text(_ client: PostgresClient, _ sql: SQL) async throws -> String? {
        try await client.unit(sql).rows.first?.column(0)
    }

    @Test func everyTableLosesWhatIsTheirsAndKeepsWhatIsNot() async throws {
        try await withPeople { client, _, _ in
            try await client.unit(erasure.statements)
            let counts = try await text(client, "SELECT counts::text FROM erasures")
            let expected: [PersonalTable: Int] = [
                .inboundMessages: 3, .outboundMessages: 2, .claimMedia: 0,
            ]
            for table in PersonalTable.allCases {
                let rows = expected[table] ?? 1
                #expect(counts?.contains(#""\#(table.rawValue)": \#(rows)"#) == true, "\(table): \(counts ?? "")")
            }
            let rows = try await client.unit(
                """
                SELECT message_sid, sender, raw IS NULL, processed_at IS NULL, outcome::text FROM inbound_messages
                 ORDER BY message_sid
                """
            ).rows.map { row in
                "\(try row.column(0, as: String.self))|\(try row.column(1, as: String.self))|\(try row.column(2, as: Bool.self))"
            }
            #expect(rows == ["SM1||true", "SM2||true", "SM3|whatsapp:+447700900999|false", "event:1||true"])
            let unprocessed = try await text(
                client, "SELECT count(*)::text FROM inbound_messages WHERE processed_at IS NULL")
            #expect(unprocessed == "0", "what waited to be replayed never will be")
            let states = try await text(
                client, "SELECT string_agg(state || ':' || body, ',' ORDER BY in_reply_to) FROM outbound_messages")
            #expect(states == "sent:,failed:,sent:Hi other")
            let payload = try await text(client, "SELECT payload::text FROM outbox_events")
            #expect(payload?.contains(#""phone_number": null"#) == true)
            let parked = try await text(client, "SELECT event::text FROM outbox_parked")
            #expect(parked?.contains("447700900123") == false)
            let users = try await text(client, "SELECT string_agg(sender, ',') FROM users")
            #expect(users == "whatsapp:+447700900999")
        }
    }

    @Test func theRestIsCleanedAndTheAddressesForgotten() async throws {
        try await withPeople { client, _, _ in
            try await client.unit(erasure.statements)
            let reply = OutboundReply(
                inReplyTo: "SM9", position: 0, sender: sender, recipient: sender, channel: .whatsApp, body: "Goodbye")
            try await client.unit([
                reply.insertStatement(user: user, correlationID: CorrelationID()),
                // Recorded late, and one of who has the address now.
                """
                INSERT INTO dead_letters (message_sid, sender, reason, raw, at) VALUES
                  ('SM6', \(sender), 'deliveries', 'marzipan', now()), ('SM7', \(sender), 'x', 'new', now() + interval '1 minute')
                """,
            ])
            func open() async throws -> [OpenErasure] {
                try await client.unit(OpenErasure.select(atMost: 10, now: .now)).rows.map { try OpenErasure($0) }
            }
            let waiting = try #require(try await open().first)
            #expect(waiting.isAwaitingReply)
            func awaitsRelay() async throws -> Bool {
                try await client.unit(waiting.isAwaitingRelay(now: .now)).rows[0].column(0)
            }
            let withoutRelay = try await awaitsRelay()
            #expect(!withoutRelay)
            try await client.unit("SELECT outbox_register_sink('redis')")
            let behind = try await awaitsRelay()
            #expect(behind)
            try await client.unit("UPDATE outbox_cursors SET last_sequence = 1000")
            let published = try await awaitsRelay()
            #expect(!published)
            #expect(Set(waiting.addresses ?? []) == [sender, "whatsapp:" + phone])
            try await client.unit("UPDATE outbound_messages SET state = 'sent' WHERE in_reply_to = 'SM9'")
            let ready = try #require(try await open().first)
            #expect(!ready.isAwaitingReply)

            try await client.unit(ready.cleaning(at: .now))
            let bodies = try await text(
                client, "SELECT string_agg(body || sender, ',') FROM outbound_messages WHERE in_reply_to = 'SM9'")
            #expect(bodies == "")
            let letters = try await text(
                client,
                "SELECT string_agg(message_sid, ',' ORDER BY message_sid) FROM dead_letters WHERE raw IS NOT NULL")
            #expect(letters == "SM5,SM7,malformed:2")
            let cleaned = try #require(try await open().first)
            #expect(cleaned.addresses == nil)
            try await client.unit(cleaned.finishing(at: .now))
            let left = try await open()
            #expect(left.isEmpty)
        }
    }

    /// A worker that read someone before they were erased makes nobody known by taking their turn.
    @Test func whoIsErasedIsNotMadeKnownAgain() async throws {
        try await withPeople { client, _, _ in
            try await client.unit(erasure.statements)
            let name: String? = nil
            let refused = await #expect(throws: PostgresError.self) {
                try await client.unit(
                    "SELECT take_known_turn(\(user), \(sender), \(phone), \(sender), \(name), 9, \(Timestamp.now))")
            }
            #expect(refused.map(HandlingFailure.init) == .readAgain)
            let users = try await text(client, "SELECT count(*)::text FROM users")
            #expect(users == "1")
        }
    }

    /// A message that was handled before its sender was erased comes again.
    @Test func whatWasHandledIsKnownWithoutAState() async throws {
        try await withPeople { client, _, _ in
            try await client.unit(erasure.statements)
            let reader = TurnReader(
                postgres: client, oneTimeCode: OneTimeCode(secret: Secret("test")), stateTTL: .seconds(60))
            let turn = try await reader.read(
                Correspondent(sender: sender), words: "hi", seeking: .reference(nil), sid: "SM2", now: .now)
            let past = try #require(turn.past)
            #expect(past.state == nil && past.replies.allSatisfy { !$0.isOpen } && turn.person.isNew)
            #expect(turn.lastSequence == nil && turn.overdue.isEmpty)
        }
    }

    /// Erasing oneself does not lift the limits on codes.
    @Test func theLimitsOnCodesOutliveAnErasure() async throws {
        try await withPeople { client, _, _ in
            let codes = OneTimeCode(secret: Secret("test"))
            let now = Timestamp.now
            let challenges = (0..<3).map { number in
                Challenge(
                    id: .timeOrdered(), mac: [], salt: [], sentTo: phone, expiresAt: now, attempts: 5, consumedAt: nil,
                    createdAt: now - .seconds(Int64(number) * 60))
            }
            let person = Person(id: user, isNew: false, lockedAt: now - .seconds(60), challenges: challenges)
            try await client.unit(ErasedCodes.keep(person, codes, now: now) + erasure.statements)
            func policy(_ number: String, after pause: Duration) async throws -> CodePolicy {
                let rows = try await client.unit(ErasedCodes.select(number, nil, codes, now: now + pause)).rows
                return CodePolicy(challenges: [], erased: try ErasedCodes(rows), now: now + pause)
            }
            let soon = try await policy(phone, after: .seconds(10)).allowance()
            #expect(soon == .locked(minutes: 59))
            let unlocked = try await policy(phone, after: .seconds(3600)).allowance()
            #expect(unlocked == .allowed)
            // Under a secret that has taken the other's place meanwhile.
            let rotated = OneTimeCode(secret: Secret("another"), secondary: Secret("test"))
            let rows = try await client.unit(ErasedCodes.select(phone, nil, rotated, now: now + .seconds(10))).rows
            #expect(try ErasedCodes(rows).lockedAt != nil)
            let another = try await policy("+447700900999", after: .seconds(10)).allowance()
            #expect(another == .allowed)
            let dump = try await text(client, "SELECT string_agg(encode(number_mac, 'escape'), ',') FROM erased_codes")
            #expect(dump?.contains("7700900123") == false)
            try await client.unit(ErasedCodes.expire(now: now + .seconds(90_000)))
            let left = try await text(client, "SELECT count(*)::text FROM erased_codes")
            #expect(left == "0")
        }
    }

    /// A table that is added must be thought of here.
    @Test func everyTableIsAPersonsOrKnownNotToBe() async throws {
        try await DatabaseTests().withDatabase { client, _, _ in
            let impersonal: Set<String> = [
                "schema_migrations", "backfill_watermark", "erasures", "erased_codes", "outbox_meta", "outbox_cursors",
                "outbox_relays", "outbox_sinks",
            ]
            let rows = try await client.unit(
                """
                SELECT table_name::text FROM information_schema.tables
                 WHERE table_schema = current_schema AND table_type = 'BASE TABLE' AND table_name !~ '^outbox_events_'
                """
            ).rows
            let tables = Set(try rows.map { try $0.column(0, as: String.self) })
            #expect(tables.subtracting(impersonal) == Set(PersonalTable.allCases.map(\.rawValue)))
        }
    }
}
