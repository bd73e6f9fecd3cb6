import Common
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import TestSupport
import Testing

/// Responses that are written while they are made, and the end of the server.
@Suite struct HTTPServerStreamTests {
    private static let events: HTTPHeaders = ["Content-Type": "text/event-stream"]

    /// What a stream of a test did.
    private struct Progress {
        var written = 0
        var ended: String?
    }

    @Test func eventsArriveAsTheyAreWritten() async throws {
        let next = Locked(0)
        func routes(_ router: inout Router) {
            router.onSync(.GET, "/events") { _ in
                HTTPServerResponse(
                    status: .ok, headers: Self.events,
                    body: .stream { writer in
                        for number in 1...3 {
                            try await until("event \(number) is wanted") { next.withLock { $0 } >= number }
                            try await writer.write("data: \(number)\n\n")
                        }
                    })
            }
            router.onSync(.GET, "/hello") { _ in .text("hello") }
        }
        try await withHTTPServer(routes: routes) { server in
            let connection = try server.connect()
            try await connection.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            let head = try await connection.receive { $0.hasSuffix("\r\n\r\n") }
            #expect(head.contains("Transfer-Encoding: chunked") && head.contains("text/event-stream"))
            for number in 1...2 {
                next.withLock { $0 = number }
                let event = try await connection.receive { $0.hasSuffix("\n\n\r\n") }
                #expect(event == "9\r\ndata: \(number)\n\n\r\n")
            }
            next.withLock { $0 = 3 }
            let rest = try await connection.receive { $0.hasSuffix("hello") }
            #expect(rest.hasPrefix("9\r\ndata: 3\n\n\r\n0\r\n\r\nHTTP/1.1 200 OK"))
            let old = try await server.exchange("GET /events HTTP/1.0\r\n\r\n")
            #expect(old.body == "data: 1\n\ndata: 2\n\ndata: 3\n\n" && !old.contains("chunked"))
            let head2 = try await server.exchange("HEAD /events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(head2.hasSuffix("\r\n\r\n"))
        }
    }

    /// A stream that writes for ever, as fast as it may, and notes why it ended.
    private static func endless(_ progress: Locked<Progress>, pause: Duration)
        -> @Sendable (HTTPBodyWriter) async throws -> Void
    {
        { writer in
            do {
                while true {
                    try await writer.write([UInt8](repeating: 0x61, count: 10_000))
                    progress.withLock { $0.written += 10_000 }
                    try await Task.sleep(for: pause)
                }
            } catch {
                progress.withLock { $0.ended = "\(type(of: error))" }
                throw error
            }
        }
    }

    @Test(arguments: [false, true]) func aStreamEndsWhenItsClientGoes(byReset: Bool) async throws {
        let progress = Locked(Progress())
        func routes(_ router: inout Router) {
            router.onSync(.GET, "/") { _ in
                HTTPServerResponse(
                    status: .ok,
                    body: .stream { writer in
                        do {
                            try await writer.write("first")
                            try await Task.sleep(for: .seconds(60))
                        } catch {
                            progress.withLock { $0.ended = "\(type(of: error))" }
                        }
                    })
            }
        }
        try await withHTTPServer(routes: routes) { server in
            let connection = try server.connect()
            try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await connection.receive { $0.contains("first") }
            if byReset { connection.reset() } else { connection.shutDown() }
            try await until("the stream was cancelled") { progress.withLock { $0.ended } == "CancellationError" }
        }
    }

    @Test func aSlowReaderSlowsItsStreamAndIsCutAtLast() async throws {
        let progress = Locked(Progress())
        func routes(_ router: inout Router) {
            router.onSync(.GET, "/") { _ in
                HTTPServerResponse(status: .ok, body: .stream(Self.endless(progress, pause: .zero)))
            }
        }
        try await withHTTPServer({ $0.writeTimeout = .milliseconds(300) }, routes: routes) { server in
            let connection = try RawConnection(port: server.port, receiveBuffer: 4096)
            try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await until("the stream was cut") { progress.withLock { $0.ended } != nil }
            let written = progress.withLock { $0.written }
            #expect(written < 8_000_000)  // what the kernel buffers
        }
    }

    @Test func aStreamThatFailsDoesNotLookComplete() async throws {
        func routes(_ router: inout Router) {
            router.onSync(.GET, "/") { _ in
                HTTPServerResponse(
                    status: .ok,
                    body: .stream { writer in
                        try await writer.write("some")
                        throw HarnessError("no more")
                    })
            }
        }
        try await withHTTPServer(routes: routes) { server in
            let answer = try await server.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.hasSuffix("4\r\nsome\r\n"))
        }
    }

    // MARK: Shutdown

    @Test func shutdownFinishesWhatIsInFlight() async throws {
        let connection = try await withHTTPServer { server in
            let connection = try server.connect()
            try await connection.send("GET /slow?300 HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            let idle = try server.connect()
            try await idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await idle.receive { $0.hasSuffix("hello") }
            await server.group.triggerGracefulShutdown()
            try await until("nothing is accepted") { !connects(toPort: server.port) }
            #expect(try await idle.receive().isEmpty)
            return connection
        }
        let answer = try await connection.receive()
        #expect(answer.contains("\r\nConnection: close\r\n") && answer.hasSuffix("slow"))
    }

    @Test func shutdownEndsStreamsCleanly() async throws {
        let progress = Locked(Progress())
        func routes(_ router: inout Router) {
            router.onSync(.GET, "/") { _ in
                HTTPServerResponse(status: .ok, body: .stream(Self.endless(progress, pause: .seconds(60))))
            }
        }
        let connection = try await withHTTPServer(routes: routes) { server in
            let connection = try server.connect()
            try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await connection.receive { $0.hasSuffix("a\r\n") }
            return connection
        }
        #expect(try await connection.receive() == "0\r\n\r\n")
        let ended = progress.withLock { $0.ended }
        #expect(ended == "CancellationError")
    }

    @Test func shutdownCutsWhatTakesTooLong() async throws {
        let started = ContinuousClock.now
        let connection = try await withHTTPServer({ $0.shutdownTimeout = .milliseconds(200) }) { server in
            let connection = try server.connect()
            try await connection.send("GET /slow?1500 HTTP/1.1\r\nHost: a\r\n\r\n")
            try await connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
            return connection
        }
        #expect(try await connection.receive().isEmpty)
        #expect(ContinuousClock.now - started < .seconds(5))
    }

    @Test func aServerListensOnBothFamilies() async throws {
        try await withHTTPServer { server in
            let client = HTTPClient(reactor: Reactor(name: "client"))
            for host in ["127.0.0.1", "[::1]"] {
                let answer = try await client.send(HTTPRequest(.GET, "http://\(host):\(server.port)/hello"))
                #expect(answer.text == "hello")
            }
            await client.close()
        }
    }

    @Test func theClientsAddressIsPlain() async throws {
        func routes(_ router: inout Router) {
            router.onReply(.GET, "/") { request, reply in reply(.text(request.remoteAddress ?? "none")) }
        }
        try await withHTTPServer(routes: routes) { server in
            let answer = try await server.exchange("GET / HTTP/1.0\r\n\r\n")
            #expect(answer.body == "127.0.0.1")
        }
    }

    @Test func aPortThatIsTakenIsAnError() async throws {
        try await withHTTPServer { server in
            let second = HTTPServer(
                configuration: HTTPServerConfiguration(port: server.port), router: Router(),
                logger: Logger(label: "test"))
            await #expect(throws: IOError.self) { try await second.run() }
        }
    }
}
