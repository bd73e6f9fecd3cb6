private let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
private let padding = UInt8(ascii: "=")

extension [UInt8] {
    /// The ASCII characters of the base64 form with padding (RFC 4648 section 4).
    package var base64Bytes: [UInt8] {
        let length = (count + 2) / 3 * 4
        return [UInt8](unsafeUninitializedCapacity: length) { text, filled in
            var (source, target) = (0, 0)
            while source < count {
                let left = count - source
                let group =
                    UInt32(self[source]) << 16 | (left > 1 ? UInt32(self[source + 1]) << 8 : 0)
                    | (left > 2 ? UInt32(self[source + 2]) : 0)
                text[target] = alphabet[Int(group >> 18)]
                text[target + 1] = alphabet[Int(group >> 12 & 63)]
                text[target + 2] = left > 1 ? alphabet[Int(group >> 6 & 63)] : padding
                text[target + 3] = left > 2 ? alphabet[Int(group & 63)] : padding
                source += 3
                target += 4
            }
            filled = length
        }
    }

    /// The base64 form with padding (RFC 4648 section 4).
    package var base64: String { String(decoding: base64Bytes, as: UTF8.self) }

    /// Reads base64; nil for anything but its one canonical form, padding included.
    package init?(base64 text: some Collection<UInt8>) {
        guard text.count.isMultiple(of: 4) else { return nil }
        self = []
        reserveCapacity(text.count / 4 * 3)
        var (group, digits, pads): (UInt32, Int, Int) = (0, 0, 0)
        for character in text {
            if character == padding {
                pads += 1
            } else {
                guard pads == 0, let digit = sextet(character) else { return nil }
                group = group << 6 | digit
                digits += 1
            }
            if digits == 4 {
                append(UInt8(truncatingIfNeeded: group >> 16))
                append(UInt8(truncatingIfNeeded: group >> 8))
                append(UInt8(truncatingIfNeeded: group))
                (group, digits) = (0, 0)
            }
        }
        switch (digits, pads) {
        case (0, 0): break
        case (2, 2) where group & 15 == 0: append(UInt8(truncatingIfNeeded: group >> 4))
        case (3, 1) where group & 3 == 0:
            append(UInt8(truncatingIfNeeded: group >> 10))
            append(UInt8(truncatingIfNeeded: group >> 2))
        default: return nil
        }
    }
}

private func sextet(_ character: UInt8) -> UInt32? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}
