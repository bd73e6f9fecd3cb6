/// The part of a cluster's key space that a key belongs to.
///
/// https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model
enum RedisSlot {
    static let count = 16_384

    /// The slot of `key`: of its hash tag, what is between the first `{` and the first `}` after it, unless empty.
    static func of(_ key: some Collection<UInt8>) -> Int {
        if let open = key.firstIndex(of: UInt8(ascii: "{")) {
            let rest = key[key.index(after: open)...]
            if let close = rest.firstIndex(of: UInt8(ascii: "}")), close != rest.startIndex {
                return Int(crc16(rest[..<close])) % count
            }
        }
        return Int(crc16(key)) % count
    }
}

/// CRC-16/XMODEM, the checksum of Redis Cluster's specification (polynomial 0x1021, start value 0).
func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
    var crc: UInt16 = 0
    for byte in bytes {
        crc ^= UInt16(byte) << 8
        for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
    }
    return crc
}
