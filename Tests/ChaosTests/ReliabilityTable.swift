import Common
import Glibc
import TestSupport

/// A generated table of docs/reliability.md: a row is replaced whenever the long form of its scenario has run.
struct ReliabilityTable: Sendable {
    static let path = "docs/reliability.md"
    private static let end = "<!-- end of table -->"

    /// What makes the table.
    let command: String
    let headings: [String]
    /// The scenarios' names, in the order of the rows.
    let names: [String]

    private var begin: String { "<!-- table: written by `\(command)` -->" }
    private var head: String {
        "| \(headings.joined(separator: " | ")) |\n|\(String(repeating: "---|", count: headings.count))"
    }

    struct Row: Sendable {
        let name: String
        let line: String

        init(_ name: String, _ cells: [String]) {
            self.name = name
            line = "| " + ([name] + cells).joined(separator: " | ") + " |"
        }
    }

    /// A time as the tables have it.
    static func seconds(_ duration: Duration) -> String { "\((duration.inSeconds * 10).rounded() / 10) s" }

    /// When, and what repeats it.
    static func stamp(_ seed: UInt64) -> String { "\(Timestamp.now.rfc3339.prefix(10)), \(seed)" }

    /// Puts a row in the place of the scenario's former one, and says on what machine.
    func write(_ row: Row) throws {
        try Self.write(try text(Self.read(Self.path), with: row.line, of: row.name, machine: Self.machine()))
    }

    /// The document with one row written or replaced; rows come in the order of the scenarios.
    func text(_ text: String, with line: String, of name: String, machine: String) throws -> String {
        guard let start = text.firstRange(of: begin),
            let stop = text[start.upperBound...].firstRange(of: Self.end)
        else { throw HarnessError("\(Self.path) has no place for the table of \(command)") }
        var rows = text[start.upperBound..<stop.lowerBound].split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("| ") && !$0.hasPrefix("| scenario") && !$0.hasPrefix("| \(name) |") }
        rows.append(line)
        let order = Dictionary(
            names.enumerated().map { ("| \($0.element) |", $0.offset) }, uniquingKeysWith: min)
        rows.sort { a, b in Self.place(a, order) < Self.place(b, order) }
        let table = ([head] + rows + ["", "`\(command)` on \(machine).", ""]).joined(separator: "\n")
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
