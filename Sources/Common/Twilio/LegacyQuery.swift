/// A query as Node's `querystring` module writes it after reading it, which is how part of Twilio signs.
///
/// What differs: a repeated name's values stand together, a name without a value gets a `=`, a space is `%20`, and
/// only letters, digits and `-_.!~*'()` stand for themselves.
enum LegacyQuery {
    /// Node reads no more parameters than this.
    private static let limit = 1000

    /// The query rewritten; nil when it has more parameters than Node would read.
    static func rewrite(_ query: [UInt8]) -> [UInt8]? {
        let parts = query.split(separator: UInt8(ascii: "&"), maxSplits: limit)
        guard parts.count <= limit else { return nil }
        var order: [[UInt8]] = []
        var values: [[UInt8]: [[UInt8]]] = [:]
        for part in parts {
            let equals = part.firstIndex(of: UInt8(ascii: "="))
            let name = decode(part[..<(equals ?? part.endIndex)])
            let value = equals.map { decode(part[($0 + 1)...]) } ?? []
            if values[name] == nil { order.append(name) }
            values[name, default: []].append(value)
        }
        var text: [UInt8] = []
        for name in order {
            for value in values[name] ?? [] {
                if !text.isEmpty { text.append(UInt8(ascii: "&")) }
                text += escape(name) + [UInt8(ascii: "=")] + escape(value)
            }
        }
        return text
    }

    private static func decode(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            if byte == UInt8(ascii: "%"), index + 2 < text.endIndex,
                let pair = [UInt8](hex: text[index + 1...index + 2])
            {
                decoded += pair
                index += 2
            } else {
                decoded.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
            index += 1
        }
        // As in Node, what is not UTF-8 becomes the replacement character.
        return Array(String(decoding: decoded, as: UTF8.self).utf8)
    }

    private static func escape(_ text: [UInt8]) -> [UInt8] {
        text.flatMap { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                [byte]
            default: "-_.!~*'()".utf8.contains(byte) ? [byte] : PercentEncoding.triplet(byte)
            }
        }
    }
}
