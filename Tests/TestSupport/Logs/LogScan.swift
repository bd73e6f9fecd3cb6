import Common
import Glibc

/// Reads what a process of ours wrote, line by line, for what must not be there.
package struct LogScan: Sendable {
    /// Something that is wrong with a line.
    package struct Finding: Hashable, Sendable, CustomStringConvertible {
        package let what: String
        /// The line's message, or of a line that has none its first words; never what was found.
        package let message: String

        package var description: String { "\(what) in the line \"\(message)\"" }
    }

    /// As ingest, worker, relay write: `name: problem`, `  - VARIABLE: …` before logging begins.
    private static let plainPrefixes = ["ingest: ", "worker: ", "relay: ", "simulator: ", "fixture: ", "  - "]
    /// Lines are read as JSON up to here, in bytes; of those behind it beginning and end are looked at.
    private static let judged = 1024 * 1024
    private static let levels: Set<String> = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

    private let secrets: [LogSecret]

    package init(_ secrets: some Sequence<LogSecret>) {
        self.secrets = Set(secrets).sorted { ($0.kind.rawValue, $0.text) < ($1.kind.rawValue, $1.text) }
    }

    /// What is wrong, each thing once, at most twenty; a last line without an end was cut off and does not count.
    package func findings(in log: [UInt8]) -> [Finding] {
        let whole = log.prefix((log.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)
        var findings: [Finding] = []
        func add(_ what: String, _ line: ArraySlice<UInt8>) {
            let finding = Finding(what: what, message: message(of: line))
            if findings.count < 20, !findings.contains(finding) { findings.append(finding) }
        }
        for line in whole.split(separator: UInt8(ascii: "\n")) {
            if let what = Self.fault(of: line) { add(what, line) }
        }
        for (what, place) in leaks(in: Array(whole)) {
            let start = whole[..<place].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            add(what, whole[start...].prefix { $0 != UInt8(ascii: "\n") })
        }
        return findings
    }

    // MARK: Form

    private static func fault(of line: ArraySlice<UInt8>) -> String? {
        guard line.first == UInt8(ascii: "{") else {
            let text = String(decoding: line, as: UTF8.self)
            return plainPrefixes.contains(where: text.hasPrefix) ? nil : "no JSON"
        }
        if line.startIndex > judged {
            return line.starts(with: #"{"timestamp":""#.utf8) && line.last == UInt8(ascii: "}") ? nil : "invalid JSON"
        }
        guard let object = JSONValue(parsing: Array(line)) else { return "invalid JSON" }
        for field in ["timestamp", "level", "service", "process", "message"] where object[field]?.string == nil {
            return "no \(field)"
        }
        guard object["timestamp"]?.string.flatMap({ Timestamp(rfc3339: $0) }) != nil else { return "no time" }
        return levels.contains(object["level"]?.string ?? "") ? nil : "an unknown level"
    }

    /// The message, or the first words, with nothing of what is secret.
    private func message(of line: ArraySlice<UInt8>) -> String {
        let text = String(decoding: line, as: UTF8.self)
        let message = JSONValue(parsing: Array(line))?["message"]?.string ?? String(text.prefix(60))
        return leaks(in: Array(message.utf8)).isEmpty ? message : "(not shown: it is in the message itself)"
    }

    // MARK: Content

    /// What is found, and where.
    private func leaks(in log: [UInt8]) -> [(what: String, place: Int)] {
        // For C, which searches faster than a debug build: a text ends where a zero is.
        let text = log.map { $0 == 0 ? 0x20 : CChar(bitPattern: $0) } + [0]
        var found = Self.phoneNumbers(in: log, text).map { (LogSecret.Kind.phoneNumber.rawValue, $0) }
        for secret in secrets {
            let length = secret.text.utf8.count
            for place in Self.places(of: secret.text, in: text)
            where secret.kind != .code || Self.isAlone(place, length, in: log) {
                found.append((secret.kind.rawValue, place))
            }
        }
        return found
    }

    /// Where a text is, the first thousand times.
    private static func places(of word: String, in text: [CChar]) -> [Int] {
        text.withUnsafeBufferPointer { text in
            var places: [Int] = []
            guard let start = text.baseAddress else { return [] }
            var from = start
            while places.count < 1000, let found = strstr(from, word) {
                places.append(UnsafePointer(found) - start)
                from = UnsafePointer(found) + 1
            }
            return places
        }
    }

    /// `+` or `%2B` and 8 to 15 digits; masked, a number has four and a dash of dots.
    private static func phoneNumbers(in log: [UInt8], _ text: [CChar]) -> [Int] {
        ["+", "%2B"].flatMap { sign in
            places(of: sign, in: text).filter { place in
                let digits = log[(place + sign.utf8.count)...].prefix { (0x30...0x39).contains($0) }
                return (8...15).contains(digits.count) && digits.first != UInt8(ascii: "0")
            }
        }
    }

    private static func isAlone(_ place: Int, _ length: Int, in log: [UInt8]) -> Bool {
        let before = place > 0 ? log[place - 1] : 0x20
        let after = place + length < log.count ? log[place + length] : 0x20
        return !isPartOfAWord(before) && !isPartOfAWord(after)
    }

    /// Six digits in a longer number, an id or the fraction of a second are no code.
    private static func isPartOfAWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        case _: false
        }
    }
}
