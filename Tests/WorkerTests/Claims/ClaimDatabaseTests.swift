import Common
import Conversation
import Logging
import TestSupport
import Testing

@testable import Worker

/// Claims and tickets in a migrated database.
@Suite struct ClaimDatabaseTests {
    let sender = "whatsapp:+447700900123"
    let user = UUID.timeOrdered()

    /// With a passenger who is registered.
    func withPassenger(_ body: (PostgresClient) async throws -> Void) async throws {
        try await DatabaseTests().withDatabase { client, _, _ in
            try await client.unit(
                """
                INSERT INTO users (id, sender, phone_number, verified_at, terms_accepted_at, terms_version, last_inbound_at)
                VALUES (\(user), \(sender), '+447700900123', now(), now(), '1', now())
                """)
            try await body(client)
        }
    }

    func insert(_ reference: String, minutesAgo: Int, of owner: UUID, _ status: String = "submitted") -> SQL {
        """
        INSERT INTO claims (id, user_id, reference, origin_crs, destination_crs, scheduled_departure, status, created_at)
        VALUES (\(UUID.random()), \(owner), \(reference), 'LDS', 'YRK', '2026-07-01 23:30:00+00', \(status),
                now() - make_interval(mins => \(minutesAgo)))
        """
    }

    func read(_ client: PostgresClient, _ sought: StoredClaim.Sought = .reference(nil)) async throws -> Person {
        try await TurnReader(
            postgres: client, oneTimeCode: OneTimeCode(secret: Secret("a secret of the tests")), stateTTL: .seconds(60)
        )
        .read(Correspondent(known: sender), words: "", seeking: sought, sid: "SM1", now: .now).person
    }

    @Test func theNewestClaimsAreReadAndTheOneThatIsMeant() async throws {
        try await withPassenger { client in
            let other = UUID.timeOrdered()
            try await client.unit("INSERT INTO users (id, sender) VALUES (\(other), 'whatsapp:GB.2')")
            try await client.unit(insert("DR-CCCCCC", minutesAgo: 0, of: other))
            for number in 0..<15 {
                let reference = "DR-\(number + 10)"
                try await client.unit(
                    insert(reference, minutesAgo: number, of: user, number == 3 ? "withdrawn" : "paid"))
            }
            let newest = try await read(client).claims.map(\.status.reference)
            #expect(newest == (0..<10).map { "DR-\($0 + 10)" })
            let old = try await read(client, .reference("DR-24")).claims
            #expect(old.map(\.status.reference) == (0..<9).map { "DR-\($0 + 10)" } + ["DR-24"])
            let byID = try await read(client, .id(old[9].id)).claims
            #expect(byID == old)
            let foreign = try await read(client, .reference("DR-CCCCCC")).claims.map(\.status.reference)
            #expect(foreign == newest, "another's claim is not seen")
            let claim = old[3].status
            #expect(claim.progress == .withdrawn && claim.origin == "LDS" && claim.destination == "YRK")
            #expect(claim.date.description == "2026-07-02", "London's day")
        }
    }

    @Test func preferencesAndTheLastMessageAreRead() async throws {
        try await withPassenger { client in
            let before = try await read(client)
            #expect(before.preferences == .standard && before.lastInboundAt != nil)
            try await client.unit(
                """
                INSERT INTO user_preferences (user_id, notifications_enabled, language, timezone)
                VALUES (\(user), false, 'cy-GB', 'Europe/Paris')
                """)
            let after = try await read(client).preferences
            #expect(!after.notificationsEnabled && after.language == .welsh && after.timeZone.name == "Europe/Paris")
            // What a later release stored.
            try await client.unit("UPDATE user_preferences SET language = 'tlh', timezone = 'Mars/Olympus'")
            let later = try await read(client).preferences
            #expect(!later.notificationsEnabled && later.language == .english && later.timeZone == .london)
        }
    }

    /// A reference that another claim has is no failure of the message: the next try draws another.
    @Test func aReferenceThatIsTakenIsDrawnAnew() async throws {
        try await withPassenger { client in
            try await client.unit(insert("DR-CDFGHJ", minutesAgo: 0, of: user))
            let refused = await #expect(throws: PostgresError.self) {
                try await client.unit(insert("DR-CDFGHJ", minutesAgo: 0, of: user))
            }
            #expect(refused.map(HandlingFailure.init) == .readAgain)
        }
    }

    @Test func aSecondUploadReplacesTheFirstAndTheClaimTakesIt() async throws {
        try await withPassenger { client in
            let first = try #require(TicketFile(TicketTests.jpeg))
            let second = try #require(TicketFile(Array("%PDF-1.7 two".utf8)))
            try await client.unit(first.keepStatement(url: "u1", user: user, at: .now))
            try await client.unit(second.keepStatement(url: "u2", user: user, at: .now))
            let kept = try await client.unit("SELECT media_type, sha256, content FROM claim_media").rows
            #expect(kept.count == 1)
            let type: String = try kept[0].column(0)
            let hash: [UInt8] = try kept[0].column(1)
            let content: [UInt8] = try kept[0].column(2)
            #expect(type == "application/pdf" && hash == second.sha256 && content == second.bytes)

            try await client.unit(insert("DR-CDFGHJ", minutesAgo: 0, of: user))
            let claim = try #require(try await read(client).claims.first).id
            // The file that the claim means was replaced meanwhile: it is not another's.
            try await client.unit(TicketFile.attach(url: "u1", of: user, to: claim))
            let none: Int? = try await client.unit("SELECT ticket_media_bytes FROM claims").rows[0].column(0)
            #expect(none == nil)
            try await client.unit(TicketFile.attach(url: "u2", of: user, to: claim))
            let row = try await client.unit(
                "SELECT ticket_media_type, ticket_media_sha256, ticket_media_bytes FROM claims"
            ).rows[0]
            let stored: (String, [UInt8], Int) = (try row.column(0), try row.column(1), try row.column(2))
            #expect(stored.0 == "application/pdf" && stored.1 == second.sha256 && stored.2 == second.bytes.count)

            // The next claim's file is another row, and goes when that claim is dropped.
            try await client.unit(first.keepStatement(url: "u3", user: user, at: .now))
            try await client.unit(TicketFile.dropStatement(of: user))
            let left: Int = try await client.unit("SELECT count(*) FROM claim_media").rows[0].column(0)
            #expect(left == 1)
        }
    }

    @Test func oldFilesAreDeleted() async throws {
        try await withPassenger { client in
            let file = try #require(TicketFile(TicketTests.jpeg))
            try await client.unit(insert("DR-CDFGHJ", minutesAgo: 0, of: user))
            let claim = try #require(try await read(client).claims.first).id
            let day = Duration.seconds(86_400)
            try await client.unit(file.keepStatement(url: "u1", user: user, at: .now - day * 2))
            try await client.unit(TicketFile.attach(url: "u1", of: user, to: claim))
            try await client.unit(file.keepStatement(url: "u2", user: user, at: .now - day * 2))
            let retention = TicketRetention(
                postgres: client, drafts: day, claims: day * 90, logger: .init(label: "test"))
            let drafts = try await retention.delete(now: .now)
            #expect(drafts == 1)
            let nothing = try await retention.delete(now: .now)
            #expect(nothing == 0)
            let claims = try await retention.delete(now: .now + day * 89)
            #expect(claims == 1)
        }
    }

    /// The largest file fits into a unit with everything else.
    @Test func theLargestFileIsStored() async throws {
        try await withPassenger { client in
            let bytes = TicketTests.jpeg + [UInt8](repeating: 7, count: TicketFile.largest - TicketTests.jpeg.count)
            let file = try #require(TicketFile(bytes))
            try await client.unit(file.keepStatement(url: "u1", user: user, at: .now))
            let size: Int = try await client.unit("SELECT octet_length(content) FROM claim_media").rows[0].column(0)
            #expect(size == TicketFile.largest)
        }
    }
}
