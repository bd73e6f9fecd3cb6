/// Bytes that wait to be written, and how many ever waited and ever left.
struct RedisOutput {
    /// A buffer that grew larger than this is given back when it is empty.
    private static let keptCapacity = 256 * 1024

    private var bytes: [UInt8] = []
    private var head = 0
    private(set) var queued = 0
    private(set) var written = 0

    /// Bytes that wait.
    var count: Int { bytes.count - head }

    mutating func append(_ more: [UInt8]) {
        bytes.append(contentsOf: more)
        queued += more.count
    }

    /// Gives what waits to `write`, which says how much of it left.
    mutating func flush<E: Error>(_ write: (UnsafeRawBufferPointer) throws(E) -> Int) throws(E) {
        guard count > 0 else { return }
        let result: Result<Int, E> = bytes.withUnsafeBytes { all in
            do throws(E) { return .success(try write(UnsafeRawBufferPointer(rebasing: all[head...]))) } catch {
                return .failure(error)
            }
        }
        let count = try result.get()
        head += count
        written += count
        if head == bytes.count {
            head = 0
            bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
        } else if head > Self.keptCapacity, head > bytes.count / 2 {
            bytes.removeFirst(head)
            head = 0
        }
    }
}
