/// A universally unique identifier (RFC 9562), kept as its 16 bytes, printed in lower case.
package struct UUID: Hashable, Sendable, CustomStringConvertible {
    package var bytes: [UInt8]

    /// Version 4: random.
    package static func random() -> UUID { UUID(stamping: .random(16), version: 4) }

    /// Version 7: time-ordered, so that an index on it grows at one end.
    package static func timeOrdered(at time: Timestamp = .now) -> UUID {
        var bytes = [UInt8].random(16)
        let milliseconds = UInt64(max(0, time.milliseconds))
        for index in 0..<6 { bytes[index] = UInt8(truncatingIfNeeded: milliseconds >> UInt64(8 * (5 - index))) }
        return UUID(stamping: bytes, version: 7)
    }

    /// Reads the canonical 36-character form, in either case; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let characters = Array(text.utf8)
        guard characters.count == 36 else { return nil }
        var digits: [UInt8] = []
        for (index, character) in characters.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                guard character == UInt8(ascii: "-") else { return nil }
            } else {
                digits.append(character)
            }
        }
        guard let bytes = [UInt8](hex: digits) else { return nil }
        self.bytes = bytes
    }

    private init(stamping bytes: [UInt8], version: UInt8) {
        self.bytes = bytes
        self.bytes[6] = bytes[6] & 0x0F | version << 4
        self.bytes[8] = bytes[8] & 0x3F | 0x80
    }

    package var description: String {
        String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for (index, byte) in bytes.enumerated() {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    text[place] = UInt8(ascii: "-")
                    place += 1
                }
                (text[place], text[place + 1]) = (Hex.digit(byte >> 4), Hex.digit(byte & 15))
                place += 2
            }
            return place
        }
    }
}

extension UUID: Comparable {
    /// As the texts compare, and as PostgreSQL does.
    package static func < (one: UUID, other: UUID) -> Bool { one.bytes.lexicographicallyPrecedes(other.bytes) }
}
