import Common
import Glibc

/// Where the operator writes to.
enum Output {
    /// Prints a line on standard output.
    static func write(_ text: String) { put(text + "\n", to: STDOUT_FILENO) }

    /// Prints a line on standard error.
    static func complain(_ text: String) { put(text + "\n", to: STDERR_FILENO) }

    /// Prints a value for programs, on one line.
    static func write(_ json: JSONValue) { put(json.text + "\n", to: STDOUT_FILENO) }

    /// `text` with nothing in it that would make a terminal do something: control characters become U+FFFD.
    static func printable(_ text: String) -> String {
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
            clean.append(isControl && scalar != "\n" && scalar != "\t" ? "\u{FFFD}" : scalar)
        }
        return String(clean)
    }

    /// A time as people say it, in two units at most: `4 s`, `12 min`, `3 h 5 min`, `2 d 4 h`.
    static func age(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        func both(_ large: Int64, _ unit: String, _ small: Int64, _ fine: String) -> String {
            small == 0 ? "\(large) \(unit)" : "\(large) \(unit) \(small) \(fine)"
        }
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return both(seconds / 60, "min", seconds % 60, "s")
        case ..<86_400: return both(seconds / 3600, "h", seconds % 3600 / 60, "min")
        case _: return both(seconds / 86_400, "d", seconds % 86_400 / 3600, "h")
        }
    }

    /// Says on standard error what is about to be seen.
    static func warnOfBodies() {
        complain("note: bodies are what passengers wrote: personal data, not to be copied or kept")
    }

    /// Rows without headings.
    static func columns(_ rows: [[String]]) -> String {
        let width = rows.map { $0[0].count }.max() ?? 0
        return rows.map { $0[0] + String(repeating: " ", count: width - $0[0].count) + "  " + $0[1] }
            .joined(separator: "\n")
    }

    /// Columns as wide as their widest cell, under their headings.
    static func table(_ headings: [String], _ rows: [[String]]) -> String {
        let widths = headings.indices.map { column in
            ([headings] + rows).map { $0[column].count }.max() ?? 0
        }
        let lines = ([headings] + rows).map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(
                separator: "  ")
            return String(cells.reversed().drop { $0 == " " }.reversed())
        }
        return lines.joined(separator: "\n")
    }

    /// Writes all of `text`; false when it cannot be.
    @discardableResult
    static func put(_ text: String, to descriptor: Int32) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }
}
