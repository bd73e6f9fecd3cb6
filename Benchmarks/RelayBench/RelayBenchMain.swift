import Common
import Glibc
import TestSupport

/// Measures the built relay beside one that marks rows as published, on a Postgres and a Redis of its own.
///
/// `make bench-relay` builds it and everything it starts, optimised, and has it write docs/performance.md.
/// - `BENCH_ROUNDS` (3): medians are of so many
/// - `BENCH_EVENTS` (200000): how many are drained in each
/// - `BENCH_SECONDS` (10): how long latency is measured in each, at `BENCH_RATE` (1000) events a second
/// - `BENCH_SNAPSHOT_SECONDS` (40): how long the snapshot is held; 0 leaves that out
/// - `BENCH_ROUND_TRIP_MICROSECONDS` (0): how much longer both relays' way to Postgres and Redis is made, there and back
@main struct RelayBenchMain {
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        do {
            let report = try await Bench(plan: BenchPlan()).run()
            print(report.text)
            if CommandLine.arguments.contains("--write") { try report.write() }
        } catch {
            print("bench: \(error)")
            exit(1)
        }
    }
}

/// How much is measured.
struct BenchPlan: Sendable {
    var rounds = number("BENCH_ROUNDS", 3)
    var events = number("BENCH_EVENTS", 200_000)
    var seconds = number("BENCH_SECONDS", 10)
    var rate = number("BENCH_RATE", 1000)
    var snapshotSeconds = number("BENCH_SNAPSHOT_SECONDS", 40)
    var roundTrip = Duration.microseconds(number("BENCH_ROUND_TRIP_MICROSECONDS", 0))

    private static func number(_ name: String, _ standard: Int) -> Int {
        getenv(name).flatMap { Int(String(cString: $0)) } ?? standard
    }
}

/// One run of all measurements.
struct Bench: Sendable {
    let plan: BenchPlan

    func run() async throws -> BenchReport {
        var report = BenchReport(plan: plan)
        let options = ["-c", "shared_preload_libraries=pg_stat_statements", "-c", "max_wal_size=4GB"]
        try await withPostgres(options: options) { postgres in
            let template = try await withProduct(on: postgres) { $0.database }
            for round in 1...max(1, plan.rounds) {
                // In turn, so that what else the machine does befalls both.
                try await on(postgres, template) {
                    report.ours.append(try await DrainBench(ground: $0, plan: plan).ours())
                }
                try await on(postgres, template) {
                    report.flagged.append(try await DrainBench(ground: $0, plan: plan).flagged())
                }
                try await on(postgres, template) {
                    report.latencies.append(try await LatencyBench(ground: $0, plan: plan).run())
                }
                print("round \(round): \(report.lastRound)")
            }
            if plan.snapshotSeconds > 0 {
                try await on(postgres, template) {
                    report.oursHeld = try await SnapshotBench(ground: $0, plan: plan).ours()
                }
                try await on(postgres, template) {
                    report.flaggedHeld = try await SnapshotBench(ground: $0, plan: plan).flagged()
                }
            }
        }
        return report
    }

    /// Runs `body` with a database and a Redis that nobody has used.
    private func on(
        _ postgres: PostgresServer, _ template: String, _ body: (BenchGround) async throws -> Void
    ) async throws {
        try await withProduct(on: postgres, template: template, redisOptions: ["--appendonly", "no"]) { product in
            try await RelayWay.with(product, roundTrip: plan.roundTrip) { way in
                try await BenchGround.with(product, way: way, body)
            }
        }
    }
}
