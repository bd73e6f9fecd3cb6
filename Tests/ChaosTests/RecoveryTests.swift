import Common
import Glibc
import TestSupport
import Testing

/// How long people wait when a worker goes away in the middle of their messages.
@Suite(.serialized, .chaosGround) struct RecoveryTests {
    private static let load = Fleet.Load(passengers: 40, rate: 40, seconds: 3, seed: 77)

    /// It dies with a sender in its hands: that one waits for the lease, and nobody for longer.
    ///
    /// Unless a reply was on its way to the provider at that moment: that one waits for evidence of it, so the best of
    /// three counts.
    @Test(.timeLimit(.minutes(3)))
    func afterAKillALeaseAndASecond() async throws {
        let recovery = try await best(atMost: .seconds(Fleet.leaseSeconds + 1)) {
            let verdict = try await run(workerVariables: [["FAULT_POINT": "after-commit:10"]]) { fleet in
                let ending = try await fleet.workers[0].process.end(within: .seconds(30))
                #expect(ending == .signal(SIGKILL))
            }
            #expect(verdict.recovery > .seconds(1), "somebody was in its hands: \(verdict.recovery)")
            return verdict
        }
        #expect(recovery <= .seconds(Fleet.leaseSeconds + 1), "\(recovery)")
        print("chaos: recovery after SIGKILL \(recovery) with leases of \(Fleet.leaseSeconds) s")
    }

    /// It is asked to go: whatever it holds is finished or given back at once.
    @Test(.timeLimit(.minutes(3)))
    func afterATermLessThanASecond() async throws {
        let recovery = try await best(atMost: .seconds(1)) {
            try await run { fleet in
                try await until("the first replies are there") {
                    try await fleet.report().load.replyMicroseconds.max > 0
                }
                await fleet.workers[0].process.send(SIGTERM)
            }
        }
        #expect(recovery < .seconds(1), "\(recovery)")
        print("chaos: recovery after SIGTERM \(recovery)")
    }

    /// The shortest recovery of up to three runs, none of which may lose, swap or repeat anything; a busy machine adds
    /// to it and takes nothing away.
    private func best(
        atMost limit: Duration, _ run: () async throws -> Ledger.Verdict
    ) async throws -> Duration {
        var best = Duration.seconds(3600)
        for _ in 0..<3 where best > limit {
            let verdict = try await run()
            #expect(verdict.complaints == [])
            best = min(best, verdict.recovery)
        }
        return best
    }

    /// Two workers under load, of which the first goes away in `goes`.
    private func run(
        workerVariables: [[String: String]] = [], _ goes: (Fleet) async throws -> Void
    ) async throws -> Ledger.Verdict {
        try await SharedPostgres.withProduct { product in
            let fleet = try Fleet(product, workers: 2, relays: 1, workerVariables: workerVariables)
            try await fleet.start()
            try await fleet.begin(Self.load)
            try await goes(fleet)
            let gone = Timestamp.now
            try await fleet.drain(within: .seconds(40))
            let verdict = try await fleet.ledger(healed: gone).compare()
            try await fleet.stop()
            return verdict
        }
    }
}
