/// One message of Protocol Buffers being written, field by field (https://protobuf.dev/programming-guides/encoding/).
package struct ProtobufMessage: Hashable, Sendable {
    package private(set) var bytes: [UInt8] = []

    private enum WireType: UInt64 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
    }

    package init() {}

    /// A field of type `string`.
    package mutating func string(_ field: Int, _ text: String) {
        key(field, .lengthDelimited)
        varint(UInt64(text.utf8.count))
        bytes += text.utf8
    }

    /// A field whose type is a message.
    package mutating func message(_ field: Int, _ message: ProtobufMessage) {
        key(field, .lengthDelimited)
        varint(UInt64(message.bytes.count))
        bytes += message.bytes
    }

    /// A field of type `double`.
    package mutating func double(_ field: Int, _ value: Double) {
        key(field, .fixed64)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
    }

    /// A field of type `int64`; negative numbers take ten bytes.
    package mutating func int64(_ field: Int, _ value: Int64) {
        key(field, .varint)
        varint(UInt64(bitPattern: value))
    }

    private mutating func key(_ field: Int, _ type: WireType) { varint(UInt64(field) << 3 | type.rawValue) }

    /// Seven bits a byte, the lowest first.
    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
