import Common
import TestSupport
import Testing

@Suite struct OutboxReplayTests {
    struct Report: Decodable {
        var replayed: Int
        var dryRun: Bool
    }

    @Test(.timeLimit(.minutes(1))) func pastEventsComeOnceMoreMarkedAndInOrder() async throws {
        try await withOutboxFixture { fixture in
            try await fixture.publish(30)
            try await fixture.append(6, type: .userVerified)
            try await fixture.park("1", state: "dead")
            let user = fixture.users[1].description
            let unsaid = try await fixture.outbox("replay", "--sink", "redis", "--yes")
            #expect(unsaid.exitCode == 2)
            let dry = try await fixture.outbox("replay", "--sink", "redis", "--since", "1h", "--dry-run", "--json")
                .json(Report.self)
            // Neither the parked one nor those that are pending.
            #expect(dry.replayed == 29 && dry.dryRun)
            #expect(try await fixture.count("outbox_parked WHERE is_replay") == 0)
            let typed = try await fixture.outbox(
                "replay", "--sink", "redis", "--type", "user.verified", "--yes", "--json"
            ).json(Report.self)
            #expect(typed.replayed == 0)
            for _ in 0..<2 {
                let run = try await fixture.outbox("replay", "--sink", "redis", "--key", user, "--yes", "--json")
                #expect(run.exitCode == 0, "\(run.error)")
                #expect(try run.json(Report.self).replayed == 5)
            }
            #expect(try await fixture.count("outbox_parked WHERE is_replay") == 5)
            let listed = try await fixture.outbox("list", "--key", user)
            #expect(listed.output.contains("redis replay parked"))

            try await fixture.withRelay {
                try await until("the replays are gone") {
                    try await fixture.count("outbox_parked WHERE is_replay") == 0
                }
                try await fixture.untilPublished()
            }
            let replays = try await fixture.entries().filter { $0["replay"] != nil }
            #expect(replays.allSatisfy { $0["replay"] == "true" && $0["subject"] == user })
            #expect(replays.compactMap { $0["seq"] } == ["2", "8", "14", "20", "26"])
            #expect(try await fixture.length() == 30 + 6 + 5)
            _ = try await fixture.sql("DELETE FROM outbox_parked")
            let verified = try await fixture.outbox("verify", "--json")
            #expect(verified.exitCode == 0, "\(verified.output)")
            #expect(try verified.json(VerifyReport.self).replays == 5)
        }
    }
}
