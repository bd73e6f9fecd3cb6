import Common
import TestSupport

/// Looks for one-time codes in what was kept, in whatever way they may be written there.
///
/// A code stands alone: six digits in a longer number or name, or the fraction of a second, are none.
struct CodeTraces {
    private let spellings: [[UInt8]]

    init(_ codes: [String]) {
        spellings = codes.flatMap { code -> [String] in
            let digits = code.map(String.init)
            let halves = [digits.prefix(3).joined(), digits.suffix(3).joined()]
            let pairs = stride(from: 0, to: digits.count, by: 2).map { digits[$0..<min($0 + 2, digits.count)].joined() }
            let wide = code.unicodeScalars.compactMap { Unicode.Scalar($0.value + 0xFEE0) }
            return [code, String(String.UnicodeScalarView(wide))]
                + [halves, pairs, digits].flatMap { parts in
                    [" ", "-", ".", "\u{A0}", "\u{200B}"].map { parts.joined(separator: $0) }
                }
        }.map { Array($0.utf8) }
    }

    /// The places where one of the codes is.
    func found(in contents: [Kept]) -> [String] {
        contents.filter { kept in
            let bytes = Array(kept.text.utf8)
            return ([bytes, Self.formDecoded(bytes)] + Self.binary(in: bytes).flatMap { [$0, Self.formDecoded($0)] })
                .contains(where: holdsCode)
        }.map(\.place)
    }

    private func holdsCode(_ bytes: [UInt8]) -> Bool {
        spellings.contains { spelling in
            var start = bytes.startIndex
            while let first = bytes[start...].firstIndex(of: spelling[0]) {
                start = first + 1
                guard bytes[first...].starts(with: spelling) else { continue }
                let before = first > 0 ? bytes[first - 1] : UInt8(ascii: " ")
                let end = first + spelling.count
                let after = end < bytes.count ? bytes[end] : UInt8(ascii: " ")
                if !Self.isAlphanumeric(before), before != UInt8(ascii: "."), !Self.isAlphanumeric(after) {
                    return true
                }
            }
            return false
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }

    /// `my+code%3A+1` as it was typed; what is no form stays nearly as it is.
    private static func formDecoded(_ bytes: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let byte = UInt8(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                decoded.append(byte)
                index += 3
            } else {
                decoded.append(bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
                index += 1
            }
        }
        return decoded
    }

    /// What a dump writes as `\x4142…`.
    private static func binary(in bytes: [UInt8]) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var start = bytes.startIndex
        while let mark = bytes[start...].firstIndex(of: UInt8(ascii: "\\")) {
            start = mark + 1
            guard start < bytes.count, bytes[start] == UInt8(ascii: "x") else { continue }
            let digits = bytes[(start + 1)...].prefix { isAlphanumeric($0) }
            if let value = [UInt8](hex: digits), !value.isEmpty { found.append(value) }
            start = digits.endIndex
        }
        return found
    }
}
