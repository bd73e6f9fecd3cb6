import Common
import Glibc
import TestSupport

/// Something that goes wrong for the relays, again and again, while events are written.
struct RelayScenario: Sendable, CustomStringConvertible {
    /// As the table of docs/reliability.md calls it.
    let name: String
    var redis = ["--appendonly", "yes", "--appendfsync", "everysec"]
    var sinks = ["redis"]
    /// Whether relays can become ready: not with a lag beyond their limit from the beginning.
    var becomesReady = true
    /// Before anybody writes.
    var prepare: @Sendable (RelayFleet) async throws -> Void = { _ in }
    /// One stroke, with whatever pause belongs to it.
    let strike: @Sendable (RelayFleet, inout SplitMix64) async throws -> Void
    /// Takes back what the strokes have left behind.
    var heal: @Sendable (RelayFleet) async throws -> Void = { _ in }
    /// Notes what is allowed here and nowhere else, and looks at what only this scenario has.
    var judge: @Sendable (RelayFleet, inout RelayLedger) async throws -> Void = { _, _ in }
    /// For scenarios that strike once and long.
    var strikesOnce = false

    var description: String { name }

    struct Outcome: Sendable {
        var verdict: RelayLedger.Verdict
        var strokes: Int
        var recovery: Duration
        var repeatedDeliveries: Int
    }

    func run(seed: UInt64) async throws -> Outcome {
        try await SharedPostgres.withProduct(redisOptions: redis) { product in
            let reactor = Reactor(name: "relay-chaos")
            defer { reactor.stop() }
            let fleet = try RelayFleet(product, on: reactor, sinks: sinks, rate: RelayExtent.rate)
            let result: Result<Outcome, any Error>
            do {
                result = .success(
                    try await fleet.receiver.run {
                        try await prepare(fleet)
                        try await fleet.start(untilReady: becomesReady)
                        return try await fleet.writers.run { try await run(on: fleet, seed) }
                    })
            } catch {
                result = .failure(error)
            }
            if (try? result.get().verdict.complaints.isEmpty) != true { await keepLogs(of: product) }
            try await fleet.stop()
            return try result.get()
        }
    }

    private func run(on fleet: RelayFleet, _ seed: UInt64) async throws -> Outcome {
        var dice = SplitMix64(seed: seed)
        try await until("the first events are published") {
            try await fleet.product.redisCommand("XLEN", "whatsapp_handler.events").int ?? 0 > 10
        }
        let end = ContinuousClock.now + RelayExtent.faults
        var strokes = 0
        repeat {
            try await strike(fleet, &dice)
            strokes += 1
        } while !strikesOnce && .now < end
        fleet.writers.stop()
        try await fleet.writers.untilIdle()
        try await heal(fleet)
        let healed = ContinuousClock.now
        for sink in sinks { try await fleet.drain(sink, within: RelayExtent.patience) }
        let recovery = ContinuousClock.now - healed
        var ledger = try await fleet.ledger()
        if sinks.contains("webhook") {
            ledger.webhook = fleet.receiver.taken
            ledger.repeatedDeliveries = fleet.receiver.repeated
        }
        try await judge(fleet, &ledger)
        return Outcome(
            verdict: ledger.compare(), strokes: strokes, recovery: recovery,
            repeatedDeliveries: ledger.repeatedDeliveries)
    }

    /// The servers' folder goes with the scope: what the processes said is kept beside it.
    private func keepLogs(of product: Product) async {
        let folder = "/tmp/whatsapp-handler-chaos/relay-" + name.replacing(" ", with: "-")
        let copy = "rm -rf '\(folder)'; mkdir -p '\(folder)'; cp \(product.directory)/*.log '\(folder)'"
        let shell = ServerProcess("sh", ["-c", copy], log: "/dev/null")
        try? await shell.start()
        _ = try? await shell.end()
    }
}

/// How long and how much: seconds in `make test`, half a minute of each scenario in `make chaos-relay`.
enum RelayExtent {
    static let faults: Duration = Extent.isLong ? .seconds(30) : .milliseconds(2500)
    static let rate = Extent.isLong ? 400 : 200
    static let patience: Duration = Extent.isLong ? .seconds(120) : .seconds(40)
    /// How long a snapshot is held.
    static let snapshot = Extent.isLong ? 75 : 3
    /// One event in so many is refused.
    static let poison = Extent.isLong ? 1000 : 100
}
