/// A place in a trace, as the header `traceparent` tells it (https://www.w3.org/TR/trace-context/, section 3.2).
///
/// `tracestate` is dropped on purpose: section 3.3 allows it, nobody in our way reads it, and it may be half a kilobyte
/// in every message of the queue (docs/decisions/0022).
package struct TraceParent: Hashable, Sendable {
    /// Of the whole trace; never zero.
    package let traceID: TraceID
    /// Of the span that what follows is a child of: `parent-id`; never zero.
    package let spanID: SpanID
    /// Whether whoever was here before records the trace.
    package let isSampled: Bool
    /// Whether the trace's id is random enough for others to sample by (level 2 of the recommendation).
    package let isRandom: Bool

    package init(traceID: TraceID, spanID: SpanID, isSampled: Bool, isRandom: Bool = false) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.isRandom = isRandom
    }

    /// How long the header of version 00 is.
    private static let length = 55
    private static let dash = UInt8(ascii: "-")

    /// Reads a header's value; nil for what the recommendation calls invalid, which is as good as no header.
    ///
    /// Digits are lower case, ids not zero, the version not `ff`. Of a version to come the fields of version 00 are
    /// read, and what follows them, behind a dash, is left out.
    package init?(_ text: some StringProtocol) { self.init(bytes: text.utf8) }

    /// Reads a header's value as it came, with the blanks around it that HTTP allows.
    package init?(header value: String) {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var text = value.utf8[...]
        while let first = text.first, isBlank(first) { text.removeFirst() }
        while let last = text.last, isBlank(last) { text.removeLast() }
        self.init(bytes: text)
    }

    /// Reads a header's value, as `init(_:)` does.
    package init?(bytes: some Collection<UInt8>) {
        var fields = Digits(bytes)
        guard let version = fields.number(2), version != 0xFF, fields.isNext(Self.dash),
            let high = fields.number(16), let low = fields.number(16), fields.isNext(Self.dash),
            let span = fields.number(16), fields.isNext(Self.dash), let flags = fields.number(2),
            let traceID = TraceID(high: high, low: low), let spanID = SpanID(span)
        else { return nil }
        guard fields.isAtEnd || (version > 0 && fields.isNext(Self.dash)) else { return nil }
        self.init(traceID: traceID, spanID: spanID, isSampled: flags & 1 != 0, isRandom: flags & 2 != 0)
    }

    /// The header's value, in version 00; flags without a meaning are not passed on.
    package var text: String {
        String(unsafeUninitializedCapacity: Self.length) { buffer in
            var place = 0
            func put(_ byte: UInt8) {
                buffer[place] = byte
                place += 1
            }
            func put(_ number: UInt64, digits: Int) {
                for shift in stride(from: (digits - 1) * 4, through: 0, by: -4) {
                    let digit = UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 15
                    put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
                }
            }
            put(0, digits: 2)
            put(Self.dash)
            put(traceID.high, digits: 16)
            put(traceID.low, digits: 16)
            put(Self.dash)
            put(spanID.number, digits: 16)
            put(Self.dash)
            put((isSampled ? 1 : 0) | (isRandom ? 2 : 0), digits: 2)
            return place
        }
    }
}

extension TraceParent: CustomStringConvertible {
    package var description: String { text }
}

/// Reads lower-case hexadecimal digits off the front of bytes.
private struct Digits<Bytes: Collection<UInt8>> {
    private var rest: Bytes.SubSequence

    init(_ bytes: Bytes) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func isNext(_ byte: UInt8) -> Bool { rest.popFirst() == byte }

    mutating func number(_ digits: Int) -> UInt64? {
        var number: UInt64 = 0
        for _ in 0..<digits {
            guard let byte = rest.popFirst() else { return nil }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            case _: return nil
            }
        }
        return number
    }
}
