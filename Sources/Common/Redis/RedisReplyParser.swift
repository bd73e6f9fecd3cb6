import CHiredis

/// hiredis' parser, building `RedisValue`s without its reply objects in between.
///
/// hiredis refuses arrays nested more than 7 deep; the limits here are on what one reply may hold. After an error the
/// parser is of no use.
final class RedisReplyParser {
    struct Limits {
        /// Strings, numbers and arrays in one reply, all levels together.
        var values = 1 << 20
        /// Bytes of one reply that is not complete.
        var bytes = 64 << 20
    }

    private struct OpenArray {
        var values: [RedisValue] = []
        var missing: Int
    }

    private let reader: UnsafeMutablePointer<redisReader>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let limits: Limits
    private var open: [OpenArray] = []
    private var finished: RedisValue?
    private var count = 0

    init(limits: Limits = Limits()) throws(RedisError) {
        functions = .allocate(capacity: 1)
        functions.initialize(to: Self.callbacks)
        guard let reader = redisReaderCreateWithFunctions(functions) else {
            functions.deallocate()
            throw RedisError(.unavailable, "out of memory")
        }
        self.reader = reader
        self.limits = limits
        reader.pointee.privdata = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        redisReaderFree(reader)
        functions.deallocate()
    }

    func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisError) {
        let status = redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        guard status == REDIS_OK else { throw failure }
    }

    /// The next complete reply; nil when more bytes are needed.
    func next() throws(RedisError) -> RedisValue? {
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw failure }
        guard object != nil else {
            guard reader.pointee.len - reader.pointee.pos <= limits.bytes else {
                throw RedisError(.connectionLost, "a reply is longer than \(limits.bytes) bytes")
            }
            return nil
        }
        defer {
            finished = nil
            count = 0
        }
        return finished
    }

    private var failure: RedisError {
        let text = withUnsafeBytes(of: reader.pointee.errstr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return RedisError(.connectionLost, count > limits.values ? "a reply has too many values" : text)
    }

    // MARK: What hiredis calls

    /// The object of every value: hiredis only asks whether there is one.
    private static var object: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: 1) }

    private static var callbacks: redisReplyObjectFunctions {
        redisReplyObjectFunctions(
            createString: { task, text, length in
                let bytes = UnsafeRawBufferPointer(start: text, count: length)
                switch task?.pointee.type {
                case REDIS_REPLY_STATUS:
                    return RedisReplyParser.add(.status(String(decoding: bytes, as: UTF8.self)), task)
                case REDIS_REPLY_ERROR:
                    return RedisReplyParser.add(.error(String(decoding: bytes, as: UTF8.self)), task)
                default: return RedisReplyParser.add(.bytes(Array(bytes)), task)
                }
            },
            createArray: { task, count in
                guard count > 0 else { return RedisReplyParser.add(.array([]), task) }
                guard let parser = RedisReplyParser.parser(task), parser.mayHold(Int(count)) else { return nil }
                parser.open.append(OpenArray(missing: Int(count)))
                return RedisReplyParser.object
            },
            createInteger: { task, number in RedisReplyParser.add(.integer(Int(number)), task) },
            createNil: { task in RedisReplyParser.add(.null, task) },
            freeObject: { _ in })
    }

    private static func parser(_ task: UnsafePointer<redisReadTask>?) -> RedisReplyParser? {
        task?.pointee.privdata.map { Unmanaged<RedisReplyParser>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func add(_ value: RedisValue, _ task: UnsafePointer<redisReadTask>?) -> UnsafeMutableRawPointer? {
        guard let parser = parser(task) else { return nil }
        parser.add(value)
        return object
    }

    private func mayHold(_ more: Int) -> Bool {
        count += more
        return count <= limits.values
    }

    private func add(_ value: RedisValue) {
        var value = value
        while var array = open.popLast() {
            array.values.append(value)
            array.missing -= 1
            guard array.missing == 0 else { return open.append(array) }
            value = .array(array.values)
        }
        finished = value
    }
}
