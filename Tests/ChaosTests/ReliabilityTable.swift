import Common
import Glibc
import TestSupport

/// The generated table of docs/reliability.md: a row is replaced whenever the long form of its scenario has run.
enum ReliabilityTable {
    static let path = "docs/reliability.md"
    private static let (begin, end) = ("<!-- table: written by `make chaos` -->", "<!-- end of table -->")
    private static let head = """
        | scenario | messages | not accepted | lost | out of order | sent twice | dead | recovery | date, seed |
        |---|---|---|---|---|---|---|---|---|
        """

    struct Row: Sendable {
        let name: String
        let line: String

        init(_ scenario: Scenario, _ outcome: Scenario.Outcome, seed: UInt64) {
            let verdict = outcome.verdict
            let swapped = verdict.swapped.count + verdict.repliesSwapped.count + verdict.eventsSwapped.count
            let late = verdict.late.isEmpty ? "" : " (\(verdict.late.count) late)"
            let lost = verdict.lost.count + verdict.unsent.count + verdict.eventsLost.count
            let twice = verdict.twice.count + verdict.eventsTwice.count
            let recovery = (verdict.recovery.inSeconds * 10).rounded() / 10
            let cells = [
                scenario.name, "\(outcome.report.sent)", "\(outcome.report.sent - outcome.report.accepted)", "\(lost)",
                "\(swapped)\(late)", "\(twice)", "\(verdict.dead)", "\(recovery) s",
                "\(Timestamp.now.rfc3339.prefix(10)), \(seed)",
            ]
            name = scenario.name
            line = "| " + cells.joined(separator: " | ") + " |"
        }
    }

    /// Puts a row in the place of the scenario's former one, and says on what machine.
    static func write(_ row: Row) throws {
        try write(try text(read(path), with: row.line, of: row.name, machine: machine()))
    }

    /// The document with one row written or replaced; rows come in the order of the scenarios.
    static func text(_ text: String, with line: String, of name: String, machine: String) throws -> String {
        guard let start = text.firstRange(of: begin), let stop = text.firstRange(of: end) else {
            throw HarnessError("\(path) has no place for the table")
        }
        var rows = text[start.upperBound..<stop.lowerBound].split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("| ") && !$0.hasPrefix("| scenario") && !$0.hasPrefix("| \(name) |") }
        rows.append(line)
        let order = Dictionary(
            Scenario.all.enumerated().map { ("| \($0.element.name) |", $0.offset) }, uniquingKeysWith: min)
        rows.sort { a, b in place(a, order) < place(b, order) }
        let table = ([head] + rows + ["", "`make chaos` on \(machine).", ""]).joined(separator: "\n")
        return text[..<start.upperBound] + "\n" + table + text[stop.lowerBound...]
    }

    private static func place(_ row: String, _ order: [String: Int]) -> Int {
        order.first { row.hasPrefix($0.key) }?.value ?? .max
    }

    private static func machine() -> String {
        let model = (try? read("/proc/cpuinfo"))?.split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { String($0.drop { $0 == " " }) }
        let memory = (try? read("/proc/meminfo"))?.firstMatch(of: /MemTotal: +(\d+)/).flatMap { Int($0.1) } ?? 0
        return
            "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores (\(model ?? "unknown")), \((memory + 524_288) / 1_048_576) GB, debug build"
    }

    static func read(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw HarnessError("\(path): errno \(errno)") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    private static func write(_ text: some StringProtocol) throws {
        guard let file = fopen(path, "w") else { throw HarnessError("\(path): errno \(errno)") }
        defer { fclose(file) }
        fputs(String(text), file)
    }
}
