/// Hexadecimal digits.
enum Hex {
    /// The lower-case digit of a number below 16.
    static func digit(_ number: UInt8) -> UInt8 {
        number < 10 ? UInt8(ascii: "0") + number : UInt8(ascii: "a") + number - 10
    }
}

extension Collection<UInt8> {
    /// Lower-case hexadecimal digits, two a byte.
    package var hex: String {
        String(unsafeUninitializedCapacity: 2 * count) { text in
            for (index, byte) in enumerated() {
                (text[2 * index], text[2 * index + 1]) = (Hex.digit(byte >> 4), Hex.digit(byte & 15))
            }
            return 2 * count
        }
    }
}

extension [UInt8] {
    /// Reads hexadecimal digits of either case; nil when their number is odd or one is not a digit.
    package init?(hex text: some Collection<UInt8>) {
        guard text.count.isMultiple(of: 2) else { return nil }
        self = []
        reserveCapacity(text.count / 2)
        var high: UInt8?
        for character in text {
            let digit: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
            default: return nil
            }
            if let first = high {
                append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
    }
}
