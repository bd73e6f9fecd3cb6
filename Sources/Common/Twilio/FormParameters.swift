import Glibc

/// The parameters of an `application/x-www-form-urlencoded` body, decoded once, in the order they came.
///
/// Names and values are bytes, since a signature is made over them before anyone has said that they are text.
/// They lie in one buffer: reading a webhook takes two allocations.
package struct FormParameters: Sendable {
    /// More than Twilio ever sends, and few enough to sort at once.
    package static let limit = 1024

    private struct Pair {
        let start: Int
        let middle: Int
        let end: Int
        /// The first eight bytes of the name, which order almost all names.
        let key: UInt64
    }

    private let storage: [UInt8]
    private let pairs: [Pair]
    private let isASCII: Bool

    /// Reads a body; nil when it has more than `limit` parameters.
    ///
    /// As the WHATWG's form parser has it, `+` is a space, a `%` that two hexadecimal digits do not follow stands for
    /// itself, empty parts are skipped, and a part without `=` is a name without a value.
    package init?(parsing body: [UInt8]) {
        var pairs: [Pair] = []
        pairs.reserveCapacity(24)
        var allBits: UInt8 = 0
        storage = [UInt8](unsafeUninitializedCapacity: body.count) { decoded, end in
            body.withUnsafeBytes { body in
                var next = 0
                while next < body.count, pairs.count <= Self.limit {
                    let part = next..<(position(of: UInt8(ascii: "&"), in: body, next..<body.count) ?? body.count)
                    next = part.upperBound + 1
                    if part.isEmpty { continue }
                    let mark = position(of: UInt8(ascii: "="), in: body, part) ?? part.upperBound
                    let start = end
                    end = decode(body, part.lowerBound..<mark, to: decoded, at: end, &allBits)
                    let middle = end
                    end = decode(body, min(mark + 1, part.upperBound)..<part.upperBound, to: decoded, at: end, &allBits)
                    pairs.append(Pair(start: start, middle: middle, end: end, key: Self.key(decoded[start..<middle])))
                }
            }
        }
        guard pairs.count <= Self.limit else { return nil }
        self.pairs = pairs
        isASCII = allBits < 0x80
    }

    private static func key(_ name: Slice<UnsafeMutableBufferPointer<UInt8>>) -> UInt64 {
        var key: UInt64 = 0
        for byte in name.prefix(8) { key = key << 8 | UInt64(byte) }
        return name.isEmpty ? 0 : key << UInt64(8 * (8 - min(8, name.count)))
    }

    package var count: Int { pairs.count }

    /// The name and value at a place in the order of the body.
    package subscript(_ index: Int) -> (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        let pair = pairs[index]
        return (storage[pair.start..<pair.middle], storage[pair.middle..<pair.end])
    }

    /// The first value under `name` that is text and not empty; Twilio sends some parameters empty where they are unset.
    package subscript(_ name: String) -> String? {
        guard let value = bytes(name), !value.isEmpty else { return nil }
        return String(validating: value, as: UTF8.self)
    }

    /// The first value under `name` as it is, empty if it was sent so; nil when there is none.
    package func bytes(_ name: String) -> ArraySlice<UInt8>? {
        pairs.first { isEqual($0.start..<$0.middle, name) }.map { storage[$0.middle..<$0.end] }
    }

    /// Whether the first value under `name` is `value`.
    package func has(_ name: String, _ value: String) -> Bool {
        pairs.first { isEqual($0.start..<$0.middle, name) }.map { isEqual($0.middle..<$0.end, value) } ?? false
    }

    /// Whether every name and every value is well-formed UTF-8.
    package var isText: Bool {
        isASCII
            || pairs.allSatisfy {
                String(validating: storage[$0.start..<$0.middle], as: UTF8.self) != nil
                    && String(validating: storage[$0.middle..<$0.end], as: UTF8.self) != nil
            }
    }

    /// What Twilio signs of a form: each distinct name in the order of its bytes, with each of its distinct values in theirs.
    package var signedBytes: [UInt8] {
        var signed: [UInt8] = []
        signed.reserveCapacity(storage.count)
        storage.withUnsafeBufferPointer { bytes in
            var previous: Pair?
            let inOrder = { (a: Pair, b: Pair) in a.key == b.key ? compare(a, b, bytes) < 0 : a.key < b.key }
            for pair in pairs.sorted(by: inOrder) {
                if let previous, compare(previous, pair, bytes) == 0 { continue }
                signed += bytes[pair.start..<pair.end]
                previous = pair
            }
        }
        return signed
    }

    private func compare(_ a: Pair, _ b: Pair, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let names = compare(a.start..<a.middle, b.start..<b.middle, bytes)
        return names != 0 ? names : compare(a.middle..<a.end, b.middle..<b.end, bytes)
    }

    private func compare(_ a: Range<Int>, _ b: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let shared = min(a.count, b.count)
        if shared > 0, let base = bytes.baseAddress {
            let order = memcmp(base + a.lowerBound, base + b.lowerBound, shared)
            if order != 0 { return Int(order) }
        }
        return a.count - b.count
    }

    private func isEqual(_ range: Range<Int>, _ text: String) -> Bool {
        guard range.count == text.utf8.count else { return false }
        var text = text
        return text.withUTF8 { text in
            storage.withUnsafeBufferPointer { bytes in
                guard let expected = text.baseAddress, let base = bytes.baseAddress else { return true }
                return memcmp(base + range.lowerBound, expected, range.count) == 0
            }
        }
    }
}

private func position(of byte: UInt8, in bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
    guard let base = bytes.baseAddress, let found = memchr(base + range.lowerBound, Int32(byte), range.count) else {
        return nil
    }
    return UnsafeRawPointer(found) - base
}

/// Decodes a name or a value to where `place` is, gathers the bits of its bytes and gives back where it ends.
private func decode(
    _ source: UnsafeRawBufferPointer, _ range: Range<Int>, to target: UnsafeMutableBufferPointer<UInt8>, at place: Int,
    _ bits: inout UInt8
) -> Int {
    var (index, place) = (range.lowerBound, place)
    while index < range.upperBound {
        var byte = source[index]
        index += 1
        if byte == UInt8(ascii: "+") {
            byte = UInt8(ascii: " ")
        } else if byte == UInt8(ascii: "%"), index + 1 < range.upperBound, let high = hexValue(source[index]),
            let low = hexValue(source[index + 1])
        {
            byte = high << 4 | low
            index += 2
        }
        target[place] = byte
        place += 1
        bits |= byte
    }
    return place
}

private func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
}
