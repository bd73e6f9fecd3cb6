import Common
import NIOHTTP1
import TestSupport
import Testing

/// What the server does with clients that send too much, too slowly or nonsense.
@Suite struct HTTPServerLimitsTests {
    private static let limit = 64 * 1024

    private func post(_ headers: String, _ body: String = "") -> String {
        "POST /echo HTTP/1.1\r\nHost: a\r\nX-Correlation-ID: mine\r\n\(headers)\r\n\r\n\(body)"
    }

    private func chunked(_ bytes: Int, by size: Int) -> String {
        var text = ""
        for start in stride(from: 0, to: bytes, by: size) {
            let count = min(size, bytes - start)
            text += String(count, radix: 16) + "\r\n" + String(repeating: "x", count: count) + "\r\n"
        }
        return text + "0\r\n\r\n"
    }

    private func isError(_ status: Int, _ answer: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), sourceLocation: sourceLocation)
        #expect(answer.contains("\r\nConnection: close\r\n"), sourceLocation: sourceLocation)
        #expect(
            answer.body.contains("\"correlation_id\":\"\(answer.correlationID ?? "none")\""),
            sourceLocation: sourceLocation)
        #expect(!answer.body.contains("HTTP/1.1 2"), sourceLocation: sourceLocation)
    }

    // MARK: Bodies

    @Test func aBodyOfExactlyTheLimitIsTaken() async throws {
        try await withHTTPServer { server in
            let body = String(repeating: "x", count: Self.limit)
            let counted = try await server.exchange(
                post("Connection: close\r\nContent-Length: \(Self.limit)", body))
            #expect(counted.hasPrefix("HTTP/1.1 200") && counted.body == body)
            let inChunks = try await server.exchange(
                post("Connection: close\r\nTransfer-Encoding: chunked", chunked(Self.limit, by: 5000)))
            #expect(inChunks.hasPrefix("HTTP/1.1 200") && inChunks.body == body)
        }
    }

    @Test func aBodyOverTheLimitIs413() async throws {
        try await withHTTPServer { server in
            let counted = try await server.exchange(
                post("Content-Length: \(Self.limit + 1)", String(repeating: "x", count: Self.limit + 1)))
            isError(413, counted)
            #expect(counted.correlationID == "mine")
            let unsent = try await server.exchange(post("Content-Length: 99999999999"))
            isError(413, unsent)
            for size in [1000, 70_000] {
                let inChunks = try await server.exchange(
                    post("Transfer-Encoding: chunked", chunked(Self.limit + 1, by: size)))
                isError(413, inChunks)
                #expect(inChunks.correlationID == "mine")
            }
        }
    }

    @Test func continueIsSaidBeforeABodyThatFits() async throws {
        try await withHTTPServer { server in
            let connection = try server.connect()
            try await connection.send(post("Connection: close\r\nExpect: 100-continue\r\nContent-Length: 5"))
            let word = try await connection.receive { $0.hasSuffix("\r\n\r\n") }
            #expect(word == "HTTP/1.1 100 Continue\r\n\r\n")
            try await connection.send("hello")
            #expect(try await connection.receive().hasSuffix("hello"))
            isError(413, try await server.exchange(post("Expect: 100-continue\r\nContent-Length: 70000")))
            isError(417, try await server.exchange(post("Expect: the unexpected\r\nContent-Length: 5")))
        }
    }

    // MARK: Slow clients

    @Test func slowHeadersAre408() async throws {
        try await withHTTPServer({ $0.headerTimeout = .milliseconds(200) }) { server in
            let connection = try server.connect()
            for character in "GET /hello HTTP/1.1\r\nX-Slow: ".utf8 {
                try await connection.send([character])
                try await Task.sleep(for: .milliseconds(2))
            }
            isError(408, try await connection.receive())
        }
    }

    @Test func headersThatComeSteadilyButTooLongAre408() async throws {
        try await withHTTPServer({ $0.headerTimeout = .milliseconds(300) }) { server in
            let connection = try server.connect()
            try await connection.send("GET /hello HTTP/1.1\r\n")
            let answer = try await withThrowingTaskGroup(of: String?.self) { tasks in
                tasks.addTask {
                    for number in 0..<1000 {
                        try await connection.send("X-\(number): 1\r\n")
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    return nil
                }
                tasks.addTask { try await connection.receive() }
                defer { tasks.cancelAll() }
                return try await tasks.next() ?? nil
            }
            isError(408, answer ?? "")
        }
    }

    @Test func aSlowBodyIs408() async throws {
        try await withHTTPServer({ $0.bodyTimeout = .milliseconds(200) }) { server in
            let connection = try server.connect()
            try await connection.send(post("Content-Length: 5", "hel"))
            let answer = try await connection.receive()
            isError(408, answer)
            #expect(answer.correlationID == "mine")
        }
    }

    @Test func silentConnectionsAreClosed() async throws {
        func configure(_ configuration: inout HTTPServerConfiguration) {
            configuration.headerTimeout = .milliseconds(100)
            configuration.idleTimeout = .milliseconds(200)
        }
        try await withHTTPServer(configure) { server in
            #expect(try await server.connect().receive().isEmpty)
            let used = try server.connect()
            try await used.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await used.receive().hasSuffix("hello"))
        }
    }

    @Test func aResponderThatTakesTooLongIsA503() async throws {
        try await withHTTPServer({ $0.responseTimeout = .milliseconds(100) }) { server in
            let answer = try await server.exchange("GET /slow?600 HTTP/1.1\r\nHost: a\r\n\r\n")
            isError(503, answer)
        }
    }

    @Test func aClientThatReadsNothingIsNotAnsweredForEver() async throws {
        let made = Locked(0)
        func routes(_ router: inout Router) {
            let large = [UInt8](repeating: 0x61, count: 1_000_000)
            router.onSync(.GET, "/large") { _ in
                made.withLock { $0 += 1 }
                return HTTPServerResponse(status: .ok, body: .bytes(large))
            }
        }
        try await withHTTPServer({ $0.idleTimeout = .milliseconds(300) }, routes: routes) { server in
            let connection = try RawConnection(port: server.port, receiveBuffer: 4096)
            let request = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
            try await connection.send(String(repeating: request, count: 300))
            try await until("the server has given up") {
                do { try await connection.send(request) } catch { return true }
                return false
            }
            let answers = made.withLock { $0 }
            #expect((1..<20).contains(answers))  // what the kernel's buffers hold, and one
        }
    }

    // MARK: Nonsense

    @Test(arguments: [
        "GET /hello HTTP/1.1\r\n\r\n",  // no Host
        "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX-\u{0}: b\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX: b\u{0}c\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX: b\u{1}c\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\n: nameless\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET /hello HTTP/1.1\r\n Host: a\r\n\r\n",
        "GET  HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /hello\r\n\r\n",
        "GET /hello HTTP/3.0\r\nHost: a\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /hel\u{1}lo HTTP/1.1\r\nHost: a\r\n\r\n",
        "G\u{e9}T /hello HTTP/1.1\r\nHost: a\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}",  // a TLS handshake
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n",
    ])
    func malformedRequestsAre400(_ text: String) async throws {
        try await withHTTPServer { server in isError(400, try await server.exchange(text)) }
    }

    /// Two servers that read one of these differently would see different requests (RFC 9112, 11.2).
    @Test(arguments: [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding:\u{b}chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5 6",
    ])
    func smuggledRequestsAre400(_ headers: String) async throws {
        try await withHTTPServer { server in
            let smuggled = "0\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
            let answer = try await server.exchange(post(headers, smuggled))
            isError(400, answer)
            #expect(answer.ranges(of: "HTTP/1.1 ").count == 1)
        }
    }

    @Test func aChunkedBodyInHTTP10Is400() async throws {
        try await withHTTPServer { server in
            isError(
                400, try await server.exchange("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
        }
    }

    @Test func tooMuchHeadIs431() async throws {
        try await withHTTPServer { server in
            let long = String(repeating: "x", count: 16 * 1024)
            isError(431, try await server.exchange("GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n"))
            isError(431, try await server.exchange("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n"))
            let many = (0..<200).map { "X-\($0): 1\r\n" }.joined()
            isError(431, try await server.exchange("GET / HTTP/1.1\r\nHost: a\r\n\(many)\r\n"))
            let fits = try await server.exchange(
                "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: \(long.dropLast(100))\r\n\r\n")
            #expect(fits.hasSuffix("hello"))
        }
    }

    @Test func whatCameBeforeNonsenseIsAnswered() async throws {
        try await withHTTPServer { server in
            let answer = try await server.exchange("GET /slow?50 HTTP/1.1\r\nHost: a\r\n\r\n\u{1}\u{2}\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
            let refusal = try #require(answer.firstRange(of: "HTTP/1.1 400 "))
            #expect(answer[..<refusal.lowerBound].hasSuffix("slow"))
        }
    }

    @Test(arguments: UInt64(1)...20)
    func randomBytesAreRefusedOrIgnored(seed: UInt64) async throws {
        func configure(_ configuration: inout HTTPServerConfiguration) {
            configuration.headerTimeout = .milliseconds(200)
            configuration.bodyTimeout = .milliseconds(200)
        }
        try await withHTTPServer(configure) { server in
            var random = SplitMix64(seed: seed)
            var bytes = (0..<10_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            if seed.isMultiple(of: 2) {  // nonsense that begins well gets further
                bytes = Array("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n".utf8) + bytes
            }
            let connection = try server.connect()
            try? await connection.send(bytes)
            let answer = try await connection.receive()
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"))
            #expect(try await server.exchange("GET /hello HTTP/1.0\r\n\r\n").hasSuffix("hello"))
        }
    }

    // MARK: Too many

    @Test func connectionsBeyondTheLimitAreToldSo() async throws {
        try await withHTTPServer({ $0.maximumConnections = 3 }) { server in
            var held: [RawConnection] = []
            for _ in 0..<3 {
                let connection = try server.connect()
                try await connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await connection.receive { $0.hasSuffix("hello") }
                held.append(connection)
            }
            isError(503, try await server.exchange("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"))
            isError(503, try await server.connect().receive())
            held.removeLast()
            try await until("a place is free") {
                let connection = try server.connect()
                try? await connection.send("GET /hello HTTP/1.0\r\n\r\n")
                return try await connection.receive().hasSuffix("hello")
            }
        }
    }

    @Test func aThousandConnectionsAreServed() async throws {
        try await withHTTPServer { server in
            let connections = try (0..<1000).map { _ in try server.connect() }
            for connection in connections { try await connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n") }
            for connection in connections {
                let answer = try await connection.receive { $0.hasSuffix("hello") }
                #expect(answer.hasPrefix("HTTP/1.1 200"))
            }
        }
    }
}
