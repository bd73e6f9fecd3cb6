package import NIOHTTP1

/// Headers that a collector asks for, as `OTEL_EXPORTER_OTLP_HEADERS` writes them
/// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables).
package struct OTLPHeaders: Sendable {
    private let pairs: [(name: String, value: Secret)]

    package init() { pairs = [] }

    /// Reads `api-key=abc,x-scope=a%20b`; nil for what is no such list.
    package init?(_ text: String) {
        var pairs: [(name: String, value: Secret)] = []
        for member in text.utf8.split(separator: UInt8(ascii: ",")) {
            let parts = member.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            let name = Self.trimmed(parts[0])
            guard !name.isEmpty, name.allSatisfy(Self.isTokenByte), let value = Self.decoded(Self.trimmed(parts[1]))
            else { return nil }
            pairs.append((String(decoding: name, as: UTF8.self), Secret(value)))
        }
        self.pairs = pairs
    }

    package func add(to headers: inout HTTPHeaders) {
        for (name, value) in pairs { headers.replaceOrAdd(name: name, value: value.value) }
    }

    private static func trimmed(_ bytes: Substring.UTF8View.SubSequence) -> [UInt8] {
        var bytes = bytes[...]
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return Array(bytes)
    }

    /// Text with `%41` for A; nil when a digit is wrong or what comes out is no header's value.
    private static func decoded(_ bytes: [UInt8]) -> String? {
        var decoded: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let octet = [UInt8](hex: Array(rest.prefix(2))), octet.count == 1 else { return nil }
            decoded += octet
            rest.removeFirst(2)
        }
        guard decoded.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// RFC 9110, 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        case _: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
