import Common
import Glibc
import TestSupport

/// What was measured, as docs/performance.md has it.
struct BenchReport: Sendable {
    static let path = "docs/performance.md"
    private var begin: String { plan.roundTrip == .zero ? "<!-- figures: relay -->" : "<!-- figures: relay-1ms -->" }
    private static let end = "<!-- end of figures -->"

    let plan: BenchPlan
    var ours: [Double] = []
    var flagged: [Double] = []
    var latencies: [LatencyBench.Latencies] = []
    var oursHeld: SnapshotBench.Cost?
    var flaggedHeld: SnapshotBench.Cost?

    var lastRound: String {
        guard let ours = ours.last, let flagged = flagged.last, let latency = latencies.last else { return "-" }
        return "\(Int(ours)) and \(Int(flagged)) events/s; p50 \(ms(latency.p50)), p99 \(ms(latency.p99))"
    }

    var text: String {
        let ratios = zip(ours, flagged).map { $0 / $1 }
        var lines = [
            "| | relay | with `published_at` | ratio | aim | met? |", "|---|---|---|---|---|---|",
            row(
                "drain of \(plan.events) events, one relay, events/s", "\(whole(median(ours)))",
                "\(whole(median(flagged)))", rounded(median(ratios)), "at least 20,000; ratio 2",
                median(ours) < 20_000 ? "**missed**" : median(ratios) < 2 ? "met; the ratio **missed**" : "met"),
            row(
                "commit to reader of the stream at \(plan.rate) events/s, p50", ms(median(latencies.map(\.p50))), "-",
                "-", "below 10 ms", median(latencies.map(\.p50)) < .milliseconds(10) ? "met" : "**missed**"),
            row(
                "the same, p99", ms(median(latencies.map(\.p99))), "-", "-", "below 50 ms",
                median(latencies.map(\.p99)) < .milliseconds(50) ? "met" : "**missed**"),
        ]
        if let ours = oursHeld, let flagged = flaggedHeld {
            lines.append(
                row(
                    "a look for new events, snapshot held \(plan.snapshotSeconds) s, against before",
                    "\(rounded(ours.held)) ms, was \(rounded(ours.before))",
                    "\(rounded(flagged.held)) ms, was \(rounded(flagged.before))",
                    rounded(ours.held / max(ours.before, 0.001)) + " and "
                        + rounded(flagged.held / max(flagged.before, 0.001)),
                    "flat", ours.held < ours.before * 1.5 ? "met" : "**missed**"))
        }
        lines += [
            "",
            "Medians of \(ours.count) rounds: \(ours.map(whole).joined(separator: ", ")) events/s; with `published_at` \(flagged.map(whole).joined(separator: ", ")); p99 \(latencies.map { ms($0.p99) }.joined(separator: ", ")). `make bench-relay` on \(Self.machine()), \(Timestamp.now.rfc3339.prefix(10)), load average \(Self.load()) at the end.",
        ]
        return lines.joined(separator: "\n")
    }

    /// Puts the figures between their marks.
    func write() throws {
        let document = try Self.read(Self.path)
        guard let start = document.firstRange(of: begin),
            let stop = document[start.upperBound...].firstRange(of: Self.end)
        else {
            throw HarnessError("\(Self.path) has no place for the figures")
        }
        let whole = document[..<start.upperBound] + "\n" + text + "\n" + document[stop.lowerBound...]
        guard let file = fopen(Self.path, "w") else { throw HarnessError("\(Self.path): errno \(errno)") }
        defer { fclose(file) }
        fputs(String(whole), file)
    }

    private func row(_ cells: String...) -> String { "| " + cells.joined(separator: " | ") + " |" }

    private func median<Value: Comparable>(_ values: [Value]) -> Value { values.sorted()[values.count / 2] }

    private func ms(_ duration: Duration) -> String { rounded(duration.inSeconds * 1000) + " ms" }

    /// Two digits after the point, as far as they are any.
    private func rounded(_ number: Double) -> String { "\((number * 100).rounded() / 100)" }

    /// With commas between thousands.
    private func whole(_ number: Double) -> String {
        let digits = "\(Int(number))"
        guard digits.count > 3 else { return digits }
        return digits.dropLast(3) + "," + digits.suffix(3)
    }

    private static func machine() -> String {
        let model = (try? read("/proc/cpuinfo"))?.split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { String($0.drop { $0 == " " }) }
        return "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores (\(model ?? "unknown")), release build"
    }

    private static func load() -> String {
        (try? read("/proc/loadavg"))?.split(separator: " ").first.map(String.init) ?? "-"
    }

    private static func read(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw HarnessError("\(path): errno \(errno)") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
