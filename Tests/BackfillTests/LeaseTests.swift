import Backfill
import Common
import TestSupport
import Testing

@Suite struct LeaseTests {
    @Test func oneReadsAtATimeAndTheFirstEverBeginsNow() async throws {
        try await withGrounds { grounds in
            let (first, second) = (grounds.lease("first"), grounds.lease("second"))
            let start = try await first.take()
            guard case .taken(let readUntil, isFirst: true) = start else {
                Issue.record("\(start)")
                return
            }
            #expect(abs((readUntil - .now).components.seconds) < 5)
            guard case .held(by: "first", let left) = try await second.take() else {
                Issue.record("two have it")
                return
            }
            #expect(left > .zero && left <= grounds.limits.lease)
            await first.release()
            let taken = try await second.take()
            #expect(taken == .taken(readUntil: readUntil, isFirst: false))
            let renewed = try await first.renew()
            let advanced = try await first.advance(to: .now)
            #expect(!renewed && !advanced)
            let own = try await second.advance(to: readUntil + .seconds(1))
            #expect(own)
            await second.release()
            let recent = try await first.take(unlessReadWithin: .seconds(60))
            #expect(recent == .recent)
        }
    }

    @Test func theDeadLoseItByTime() async throws {
        try await withGrounds { grounds in
            _ = try await grounds.lease("dead").take()
            try await until("the lease has run out", within: .seconds(10)) {
                guard case .taken = try await grounds.lease("next").take() else { return false }
                return true
            }
            let advanced = try await grounds.lease("dead").advance(to: .now)
            #expect(!advanced)
        }
    }

    @Test func theWatermarkNeverMovesBack() async throws {
        try await withGrounds { grounds in
            let lease = grounds.lease()
            guard case .taken(let readUntil, _) = try await lease.take() else { return }
            _ = try await lease.advance(to: readUntil - .seconds(500))
            await lease.release()
            let again = try await lease.take()
            #expect(again == .taken(readUntil: readUntil, isFirst: false))
        }
    }

    @Test func longWorkKeepsItAndItsLossEndsTheWork() async throws {
        try await withGrounds { grounds in
            let lease = grounds.lease()
            _ = try await lease.take()
            try await lease.held {
                // Longer than the lease.
                try await Task.sleep(for: grounds.limits.lease + .seconds(1))
                let renewed = try await lease.renew()
                #expect(renewed)
            }
            let owner = try await grounds.psql("SELECT owner IS NULL FROM whatsapp_handler.backfill_watermark")
            #expect(owner == "t")
            _ = try await lease.take()
            await #expect(throws: BackfillError.leaseLost) {
                try await lease.held {
                    _ = try await grounds.psql("UPDATE whatsapp_handler.backfill_watermark SET owner = 'thief'")
                    try await Task.sleep(for: .seconds(30))
                }
            }
            let thief = try await grounds.psql("SELECT owner FROM whatsapp_handler.backfill_watermark")
            #expect(thief == "thief")
        }
    }
}
