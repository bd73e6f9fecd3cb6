import Common
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
