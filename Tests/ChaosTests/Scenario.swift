import Common
import Glibc
import TestSupport

/// Something that goes wrong, again and again, while people write.
struct Scenario: Sendable, CustomStringConvertible {
    /// As the table of docs/reliability.md calls it.
    let name: String
    /// How Redis is started.
    var redis = ["--appendonly", "yes", "--appendfsync", "everysec"]
    /// One stroke, with whatever pause belongs to it; gives back when the queue lost what it had accepted, if it did.
    let strike: @Sendable (Fleet, inout SplitMix64) async throws -> Timestamp?
    /// Takes back what the strokes have left behind.
    var heal: @Sendable (Fleet) async throws -> Void = { _ in }

    var description: String { name }

    init(
        _ name: String, redis: [String]? = nil,
        heal: @escaping @Sendable (Fleet) async throws -> Void = { _ in },
        strike: @escaping @Sendable (Fleet, inout SplitMix64) async throws -> Timestamp?
    ) {
        self.name = name
        if let redis { self.redis = redis }
        self.strike = strike
        self.heal = heal
    }

    struct Outcome: Sendable {
        var ledger: Ledger
        var verdict: Ledger.Verdict
        var report: LoadReport.Load
        var strokes: Int
    }

    /// Has people write while it strikes, waits until everything has settled, and compares.
    func run(seed: UInt64) async throws -> Outcome {
        let extent = Extent.current(seed: seed)
        return try await SharedPostgres.withProduct(redisOptions: redis) { product in
            let fleet = try Fleet(product)
            try await fleet.start()
            let result: Result<Outcome, any Error>
            do { result = .success(try await run(on: fleet, extent)) } catch { result = .failure(error) }
            if (try? result.get().verdict.complaints.isEmpty) != true { await keepLogs(of: fleet) }
            try await fleet.stop()
            return try result.get()
        }
    }

    private func run(on fleet: Fleet, _ extent: Extent) async throws -> Outcome {
        var dice = SplitMix64(seed: extent.load.seed)
        try await fleet.begin(extent.load)
        try await until("the first replies are there") {
            try await fleet.report().load.replyMicroseconds.max > 0
        }
        let end = ContinuousClock.now + extent.faults
        var (strokes, cuts) = (0, [Timestamp]())
        repeat {
            if let cut = try await strike(fleet, &dice) { cuts.append(cut) }
            strokes += 1
        } while .now < end
        try await heal(fleet)
        let healed = Timestamp.now
        try await fleet.drain(within: extent.patience)
        var ledger = try await fleet.ledger(healed: healed)
        ledger.lostTails = cuts
        return Outcome(
            ledger: ledger, verdict: ledger.compare(), report: try await fleet.report().load, strokes: strokes)
    }

    /// The servers' folder goes with the scope: what the processes said is kept beside it.
    private func keepLogs(of fleet: Fleet) async {
        let folder = "/tmp/whatsapp-handler-chaos/" + name.replacing(" ", with: "-")
        let copy = "rm -rf '\(folder)'; mkdir -p '\(folder)'; cp \(fleet.product.directory)/*.log '\(folder)'"
        let shell = ServerProcess("sh", ["-c", copy], log: "/dev/null")
        try? await shell.start()
        _ = try? await shell.end()
    }
}
