import Glibc

/// The proxies whose `X-Forwarded-*` headers are believed: addresses and ranges, `10.0.0.0/8, ::1`.
///
/// Anyone can write such a header; only a proxy of ours knows what it says.
package struct TrustedProxies: Sendable {
    /// A range of addresses: those whose first bits are the same.
    private struct Range {
        var bytes: [UInt8]
        var bits: Int

        func contains(_ address: [UInt8]) -> Bool {
            guard address.count == bytes.count else { return false }
            let (whole, rest) = (bits / 8, bits % 8)
            guard address.prefix(whole).elementsEqual(bytes.prefix(whole)) else { return false }
            return rest == 0 || (address[whole] ^ bytes[whole]) >> (8 - rest) == 0
        }
    }

    private var ranges: [Range] = []

    package static let none = TrustedProxies()

    private init() {}

    /// Reads a list; nil when one of its entries is neither an address nor a range.
    package init?(_ list: String) {
        for entry in list.split(separator: ",") {
            let parts = entry.filter { $0 != " " }.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first, let bytes = Self.address(String(first)) else { return nil }
            let bits = parts.count == 1 ? bytes.count * 8 : Int(parts[1]) ?? -1
            guard (0...bytes.count * 8).contains(bits) else { return nil }
            ranges.append(Range(bytes: bytes, bits: bits))
        }
    }

    /// Whether there are none.
    package var isEmpty: Bool { ranges.isEmpty }

    /// Whether a connection from this address comes from one of them.
    package func contains(_ address: String?) -> Bool {
        guard !ranges.isEmpty, let address, let bytes = Self.address(address) else { return false }
        return ranges.contains { $0.contains(bytes) }
    }

    /// Four bytes or sixteen; an IPv4 address that a dual-stack socket shows as `::ffff:10.0.0.1` has four.
    private static func address(_ text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var sixteen = in6_addr()
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: sixteen) { Array($0) }
        let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        return bytes.starts(with: mapped) ? Array(bytes.dropFirst(12)) : bytes
    }
}
