import Testing

@testable import Common

@Suite struct RedisReplyParserTests {
    private func parse(_ text: String, _ limits: RedisReplyParser.Limits = .init()) throws(RedisError) -> [RedisValue] {
        let parser = try RedisReplyParser(limits: limits)
        try feed(parser, Array(text.utf8))
        var values: [RedisValue] = []
        while let value = try parser.next() { values.append(value) }
        return values
    }

    private func feed(_ parser: RedisReplyParser, _ bytes: [UInt8]) throws(RedisError) {
        let result: Result<Void, RedisError> = bytes.withUnsafeBytes { bytes in
            do throws(RedisError) { return .success(try parser.feed(bytes)) } catch { return .failure(error) }
        }
        try result.get()
    }

    private static let sample =
        "+OK\r\n:-7\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n*0\r\n-ERR no\r\n*2\r\n*1\r\n:1\r\n$0\r\n\r\n"
    private static let values: [RedisValue] = [
        .status("OK"), .integer(-7), .bytes([0x61, 0x0d, 0x0a]), .null, .null, .array([]), .error("ERR no"),
        .array([.array([.integer(1)]), .bytes([])]),
    ]

    @Test func allKindsAreRead() throws {
        #expect(try parse(Self.sample) == Self.values)
    }

    @Test func itDoesNotMatterWhereTheBytesAreDivided() throws {
        let bytes = Array(Self.sample.utf8)
        for size in 1...bytes.count {
            let parser = try RedisReplyParser()
            var values: [RedisValue] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                try feed(parser, Array(bytes[start..<min(start + size, bytes.count)]))
                while let value = try parser.next() { values.append(value) }
            }
            #expect(values == Self.values)
        }
    }

    @Test(arguments: ["?\r\n", "hello\r\n", ":x\r\n", "$-2\r\n", String(repeating: "*1\r\n", count: 12) + ":1\r\n"])
    func whatIsNoReplyIsAnError(text: String) {
        #expect(throws: RedisError.self) { try parse(text) }
    }

    @Test func limitsHold() throws {
        var limits = RedisReplyParser.Limits()
        limits.values = 3
        limits.bytes = 10
        #expect(try parse("*3\r\n:1\r\n:2\r\n:3\r\n*3\r\n:1\r\n:2\r\n:3\r\n", limits).count == 2)
        #expect(throws: RedisError.self) { try parse("*4\r\n", limits) }
        #expect(throws: RedisError.self) { try parse("*2\r\n*2\r\n:1\r\n", limits) }
        #expect(throws: RedisError.self) { try parse("*1000000000\r\n", limits) }
        #expect(throws: RedisError.self) { try parse("$100\r\n01234567890123456789", limits) }
    }
}
