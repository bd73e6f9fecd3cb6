import CLibpq

/// Hands statements and their parameters to libpq.
enum PostgresParameters {
    /// Buffers one statement, under the name it was prepared with if that is given; false when libpq refuses.
    static func send(_ statement: SQL, prepared name: String?, on connection: OpaquePointer) -> Bool {
        let count = Int32(statement.parameters.count)
        return withPointers(statement.parameters) { values, lengths, formats in
            if let name {
                PQsendQueryPrepared(connection, name, count, values, lengths, formats, 0) == 1
            } else {
                PQsendQueryParams(connection, statement.text, count, nil, values, lengths, formats, 0) == 1
            }
        }
    }

    private static func withPointers<R>(
        _ parameters: [PostgresValue],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> R
    ) -> R {
        guard !parameters.isEmpty else { return body(nil, nil, nil) }
        var bytes: [UInt8] = []
        var starts: [Int?] = []
        var lengths: [Int32] = []
        var formats: [Int32] = []
        bytes.reserveCapacity(64 * parameters.count)
        starts.reserveCapacity(parameters.count)
        lengths.reserveCapacity(parameters.count)
        formats.reserveCapacity(parameters.count)
        for parameter in parameters {
            let start = bytes.count
            switch parameter {
            case .null: starts.append(nil)
            case .text(let text):
                bytes.append(contentsOf: text.utf8)
                starts.append(start)
            case .bytes(let value):
                bytes.append(contentsOf: value)
                starts.append(start)
            }
            lengths.append(Int32(bytes.count - start))
            if case .bytes = parameter { formats.append(1) } else { formats.append(0) }
            bytes.append(0)
        }
        return bytes.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                let values = starts.map { start in start.flatMap { start in bytes.baseAddress.map { $0 + start } } }
                return values.withUnsafeBufferPointer { body($0.baseAddress, lengths, formats) }
            }
        }
    }
}
