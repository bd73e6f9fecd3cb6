import CSnappy

/// Snappy's block format, which remote write prescribes.
package enum Snappy {
    package static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        let limit = snappy_max_compressed_length(bytes.count)
        return [UInt8](unsafeUninitializedCapacity: limit) { output, count in
            count = limit
            let status = bytes.withUnsafeBytes { input in
                snappy_compress(
                    input.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count,
                    UnsafeMutableRawPointer(output.baseAddress)?.assumingMemoryBound(to: CChar.self), &count)
            }
            // It can only fail for want of room, and there is as much as it asked for.
            precondition(status == SNAPPY_OK, "snappy")
        }
    }
}
