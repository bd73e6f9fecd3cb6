import Common
import Conversation
import Logging
import TestSupport
import Testing

@testable import Worker

/// What the worker writes, against a migrated database.
@Suite struct DatabaseTests {
    func withDatabase(_ body: (PostgresClient, PostgresServer, String) async throws -> Void) async throws {
        try await withProduct { product in
            let reactor = Reactor(name: "test")
            defer { reactor.stop() }
            let client = PostgresClient(
                try PostgresConfiguration(url: Secret(product.postgres.url(database: product.database))),
                reactor: reactor, logger: Logger(label: "test"))
            try await withThrowingTaskGroup { group in
                group.addTask { await client.run() }
                try await client.ready(within: .seconds(5))
                try await body(client, product.postgres, product.database)
                group.cancelAll()
            }
        }
    }

    func turn(_ id: UUID, sender: String, phone: String?, external: String? = nil, fence: Int64) -> SQL {
        let name: String? = "Ada"
        return "SELECT take_turn(\(id), \(sender), \(phone), \(external), \(name), \(fence), \(Timestamp.now))"
    }

    @Test func aLowerFenceWritesNothing() async throws {
        try await withDatabase { client, postgres, database in
            let (id, sender) = (UUID.timeOrdered(), "whatsapp:+447700900123")
            try await client.unit(turn(id, sender: sender, phone: "+447700900123", fence: 20))
            let zombie: [SQL] = [
                turn(id, sender: sender, phone: "+447700900123", fence: 19),
                "UPDATE users SET display_name = 'zombie' WHERE id = \(id)",
            ]
            let refused = await #expect(throws: PostgresError.self) { try await client.unit(zombie) }
            #expect(refused.map(HandlingFailure.init) == .fenced)
            try await client.unit(turn(id, sender: sender, phone: "+447700900123", fence: 20))
            let row = try await postgres.psql(
                "SELECT fence, display_name FROM whatsapp_handler.users", database: database)
            #expect(row == "20|Ada")
        }
    }

    func knownTurn(
        _ id: UUID, sender: String, phone: String?, external: String? = nil, fence: Int64, latest: Int64? = nil
    ) -> SQL {
        let name: String? = "Ada"
        return
            "SELECT begin_turn(\(id), \(sender), \(phone), \(external), \(name), \(fence), \(Timestamp.now), \(latest))"
    }

    /// The turn of somebody who is known: the short way where nothing is new, the long one with what is, and no other.
    @Test func aKnownTurnTakesWhatIsNewAndRefusesWhatIsOld() async throws {
        try await withDatabase { client, postgres, database in
            let (id, sender) = (UUID.timeOrdered(), "whatsapp:GB.1")
            func failure(of turn: SQL) async -> HandlingFailure? {
                do throws(PostgresError) {
                    try await client.unit(turn)
                    return nil
                } catch { return HandlingFailure(error) }
            }
            #expect(await failure(of: knownTurn(id, sender: sender, phone: nil, fence: 5)) == .readAgain)
            try await client.unit(turn(id, sender: sender, phone: nil, external: "GB.1", fence: 5))
            #expect(await failure(of: knownTurn(id, sender: sender, phone: nil, fence: 6)) == nil)
            #expect(await failure(of: knownTurn(id, sender: sender, phone: nil, fence: 5)) == .fenced)
            // A number that is told for the first time.
            #expect(await failure(of: knownTurn(id, sender: sender, phone: "+447700900123", fence: 7)) == nil)
            // Another address of the same number.
            #expect(await failure(of: knownTurn(id, sender: "whatsapp:GB.2", phone: "+447700900123", fence: 8)) == nil)
            try await client.unit(outcome("SM1", of: "whatsapp:GB.2", .start))
            let old = knownTurn(id, sender: "whatsapp:GB.2", phone: "+447700900123", fence: 9)
            #expect(await failure(of: old) == .readAgain)
            let row = try await postgres.psql(
                "SELECT sender, phone_number, external_user_id, fence FROM whatsapp_handler.users", database: database)
            #expect(row == "whatsapp:GB.2|+447700900123|GB.1|8")
        }
    }

    func outcome(_ sid: String, of sender: String, _ state: Conversation.State) -> SQL {
        let json = JSONText(Outcome(state: StoredState(state), replies: []).json)
        return """
            INSERT INTO inbound_messages (message_sid, sender, kind, received_at, processed_at, fence, outcome)
            VALUES (\(sid), \(sender), 'message', now(), now(), 1, \(json))
            """
    }

    /// Redis that lost its last second has an older state than the database.
    @Test func theLatestOutcomeGoesBeforeTheStateInRedis() async throws {
        try await withDatabase { client, _, _ in
            let who = Correspondent(sender: "whatsapp:GB.1")
            let reader = TurnReader(
                postgres: client, oneTimeCode: OneTimeCode(secret: Secret("a secret of the tests")),
                stateTTL: .seconds(60))
            let unknown = try await reader.read(who, words: "hello", seeking: .reference(nil), sid: "SM9", now: .now)
            #expect(unknown.lastSequence == nil)
            #expect(unknown.state(after: StoredState(.awaitingTerms())) == StoredState(.awaitingTerms()))
            try await client.unit([
                outcome("SM1", of: who.sender, .awaitingTerms()), outcome("SM2", of: who.sender, .awaitingOTP()),
            ])
            let turn = try await reader.read(who, words: "hello", seeking: .reference(nil), sid: "SM9", now: .now)
            #expect(turn.state(after: StoredState(.awaitingTerms())) == StoredState(.awaitingOTP()))
            let later = try await reader.read(
                who, words: "hello", seeking: .reference(nil), sid: "SM9", now: .now + .seconds(120))
            #expect(later.lastState == nil && later.lastSequence == turn.lastSequence)
        }
    }

    /// A former owner commits between the new one's read and commit.
    @Test func aDecisionFromAnOldReadIsRefused() async throws {
        try await withDatabase { client, _, _ in
            let sender = "whatsapp:GB.1"
            func latest(_ sequence: Int64?) -> SQL { "SELECT require_latest(\(sender), \(sequence))" }
            let none: Int64? = nil
            try await client.unit([latest(none), outcome("SM1", of: sender, .awaitingTerms())])
            let refused = await #expect(throws: PostgresError.self) {
                try await client.unit([latest(none), outcome("SM2", of: sender, .menu())])
            }
            #expect(refused.map(HandlingFailure.init) == .readAgain)
            let rows = try await client.unit("SELECT max(sequence), count(*) FROM inbound_messages").rows
            let row = try #require(rows.first)
            let sequence: Int64 = try row.column(0)
            let count: Int64 = try row.column(1)
            #expect(count == 1)
            try await client.unit([latest(sequence), outcome("SM2", of: sender, .menu())])
        }
    }

    @Test func aPersonWhoGetsAUserIDStaysTheSamePerson() async throws {
        try await withDatabase { client, postgres, database in
            let id = UUID.timeOrdered()
            let phone = "+447700900123"
            try await client.unit(turn(id, sender: "whatsapp:\(phone)", phone: phone, fence: 1))
            try await client.unit(
                turn(id, sender: "whatsapp:GB.1", phone: phone, external: "whatsapp:GB.1", fence: 2))
            let rows = try await postgres.psql(
                "SELECT sender, phone_number, external_user_id, fence FROM whatsapp_handler.users", database: database)
            #expect(rows == "whatsapp:GB.1|+447700900123|whatsapp:GB.1|2")
            // Another path read before: it learns that the row is another's and reads again.
            let early = turn(.timeOrdered(), sender: "whatsapp:GB.1", phone: phone, fence: 3)
            let refused = await #expect(throws: PostgresError.self) { try await client.unit(early) }
            #expect(refused.map(HandlingFailure.init) == .readAgain)
        }
    }
}
