import Common
import Glibc

/// Where the operator writes to.
enum Output {
    /// Prints a line on standard output.
    static func write(_ text: String) { put(text, 1) }

    /// Prints a line on standard error.
    static func complain(_ text: String) { put(text, 2) }

    /// Prints a value for programs.
    static func write(_ json: JSONValue) { put(json.text, 1) }

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

    private static func put(_ text: String, _ descriptor: Int32) {
        var bytes = Array((text + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
