/// One JSON object being written as UTF-8, field by field, without Foundation.
package struct JSONLine: Sendable {
    package private(set) var bytes: [UInt8] = []

    /// The longest text a field may have, in bytes; the rest is cut off.
    package static let limit = 8 * 1024

    package init() {
        bytes.reserveCapacity(384)
        bytes.append(UInt8(ascii: "{"))
    }

    /// Adds `"name":"text"`.
    package mutating func field(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    /// Adds a field whose value is JSON already: a number, a word, an object.
    package mutating func field(_ name: String, json: String) {
        key(name)
        bytes += json.utf8
    }

    /// Adds a field whose value is UTF-8 without anything to escape.
    mutating func field(_ name: String, plain text: [UInt8]) {
        key(name)
        bytes.append(UInt8(ascii: "\""))
        bytes += text
        bytes.append(UInt8(ascii: "\""))
    }

    /// The object, closed; more fields must not follow.
    package func closed() -> [UInt8] { bytes + [UInt8(ascii: "}")] }

    mutating func key(_ name: String) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func raw(_ text: String) { bytes += text.utf8 }

    /// Writes `text` in quotes, escaped after RFC 8259 section 7.
    mutating func string(_ text: String) {
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(UInt8(ascii: "\""))
        var count = 0
        for byte in text.utf8 {
            // A character is not cut in two: only at the beginning of one is the limit looked at.
            if count >= Self.limit, byte & 0xC0 != 0x80 { break }
            count += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0A: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0x0D: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case 0x09: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 0..<0x20, 0x7F: bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            case _: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
