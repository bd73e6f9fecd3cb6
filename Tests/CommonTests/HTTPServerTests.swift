import Common
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@Suite struct HTTPServerTests {
    private static let close = "Host: a\r\nConnection: close\r\n\r\n"

    @Test func aRequestIsAnsweredAndTheConnectionKept() async throws {
        try await withHTTPServer { server in
            let connection = try server.connect()
            for _ in 0..<3 {
                try await connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                let answer = try await connection.receive { $0.hasSuffix("hello") }
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(answer.contains("\r\nContent-Length: 5\r\n"))
                #expect(!answer.contains("Connection:"))
            }
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await withHTTPServer { server in
            let connection = try server.connect()
            var requests = "GET /slow?200 HTTP/1.1\r\nHost: a\r\n\r\n"
            for number in 0..<50 {
                requests += "GET /later?\(number)! HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
            }
            requests += "POST /echo HTTP/1.1\r\nContent-Length: 3\r\n" + Self.close + "end"
            try await connection.send(requests)
            let answer = try await connection.receive()
            var position = answer.startIndex
            for text in ["slow"] + (0..<50).flatMap({ ["later \($0)!", "hello"] }) + ["end"] {
                let found = try #require(answer[position...].firstRange(of: text), "\(text) in its place")
                position = found.upperBound
            }
        }
    }

    @Test func theCorrelationIDIsTakenOrMade() async throws {
        try await withHTTPServer { server in
            let own = try await server.exchange("GET /hello HTTP/1.1\r\nX-Correlation-ID: abc-1\r\n" + Self.close)
            #expect(own.contains("\r\nX-Correlation-ID: abc-1\r\n"))
            let made = try await server.exchange("GET /hello HTTP/1.1\r\n" + Self.close)
            #expect(made.correlationID?.utf8.count == 36)
            let bad = try await server.exchange("GET /hello HTTP/1.1\r\nX-Correlation-ID: \u{e9}\r\n" + Self.close)
            #expect(bad.correlationID?.utf8.count == 36)
            let missing = try await server.exchange("GET /nothing HTTP/1.1\r\nX-Correlation-ID: abc-2\r\n" + Self.close)
            #expect(missing.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
            #expect(missing.hasSuffix("\"correlation_id\":\"abc-2\"}"))
            #expect(missing.contains("{\"error\":\"not_found\",\"message\":"))
        }
    }

    @Test func headGetsTheHeadersOnly() async throws {
        try await withHTTPServer { server in
            let answer = try await server.exchange("HEAD /hello HTTP/1.1\r\n" + Self.close)
            #expect(answer.contains("\r\nContent-Length: 5\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
            let missing = try await server.exchange("HEAD /nothing HTTP/1.1\r\n" + Self.close)
            #expect(missing.hasPrefix("HTTP/1.1 404") && missing.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func aPreflightIsRefused() async throws {
        try await withHTTPServer { server in
            let preflight = "Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n" + Self.close
            let known = try await server.exchange("OPTIONS /echo HTTP/1.1\r\n" + preflight)
            #expect(known.hasPrefix("HTTP/1.1 405 ") && known.contains("\r\nAllow: POST\r\n"))
            let unknown = try await server.exchange("OPTIONS /nothing HTTP/1.1\r\n" + preflight)
            #expect(unknown.hasPrefix("HTTP/1.1 404 "))
            let any = try await server.exchange("OPTIONS * HTTP/1.1\r\n" + preflight)
            #expect(any.hasPrefix("HTTP/1.1 404 "))
            #expect(!(known + unknown + any).lowercased().contains("access-control"))
        }
    }

    @Test func routesAreExactOrByPrefix() async throws {
        func routes(_ router: inout Router) {
            for path in ["/a", "/a/*", "/a/b/*"] {
                router.on(.GET, path) {
                    $0.eventLoop.makeSucceededFuture(.text("[\(path)] \($0.path) \($0.query ?? "-")"))
                }
            }
            router.on(.POST, "/a") { $0.eventLoop.makeSucceededFuture(.text("posted")) }
        }
        try await withHTTPServer(routes: routes) { server in
            func get(_ target: String) async throws -> Substring {
                try await server.exchange("GET \(target) HTTP/1.1\r\n" + Self.close).body
            }
            #expect(try await get("/a") == "[/a] /a -")
            #expect(try await get("/a?x=1?2") == "[/a] /a x=1?2")
            #expect(try await get("/a/") == "[/a/*] /a/ -")
            #expect(try await get("/a/c/d?") == "[/a/*] /a/c/d ")
            #expect(try await get("/a/b/d") == "[/a/b/*] /a/b/d -")
            #expect(try await get("http://host.example:80/a/b/?q") == "[/a/b/*] /a/b/ q")
            let refused = try await server.exchange("DELETE /a HTTP/1.1\r\n" + Self.close)
            #expect(refused.contains("\r\nAllow: GET, POST, HEAD\r\n"))
        }
    }

    @Test func http10IsSpoken() async throws {
        try await withHTTPServer { server in
            let closed = try await server.exchange("GET /hello HTTP/1.0\r\n\r\n")
            #expect(closed.hasSuffix("hello") && closed.contains("Connection: close"))
            let connection = try server.connect()
            for _ in 0..<2 {
                try await connection.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                let kept = try await connection.receive { $0.hasSuffix("hello") }
                #expect(kept.contains("Connection: keep-alive"))
            }
        }
    }

    @Test func aClientThatHasFinishedSendingIsStillAnswered() async throws {
        try await withHTTPServer { server in
            let connection = try server.connect()
            try await connection.send("GET /slow?50 HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            connection.endSending()
            let answer = try await connection.receive()
            #expect(answer.contains("slow") && answer.hasSuffix("hello"))
        }
    }

    @Test func aFailingResponderIsA500ThatSaysNothing() async throws {
        func routes(_ router: inout Router) {
            router.on(.GET, "/fail") { $0.eventLoop.makeFailedFuture(HarnessError("secret")) }
        }
        try await withHTTPServer(routes: routes) { server in
            let answer = try await server.exchange("GET /fail HTTP/1.1\r\n" + Self.close)
            #expect(answer.hasPrefix("HTTP/1.1 500 ") && !answer.contains("secret"))
        }
    }

    @Test func responseHeadersCannotBeInjected() async throws {
        func routes(_ router: inout Router) {
            router.on(.GET, "/") { request in
                let headers: HTTPHeaders = ["X-A": "1\r\nX-B: 2", "Content-Length": "99", "X-C": "3"]
                return request.eventLoop.makeSucceededFuture(HTTPServerResponse(status: .noContent, headers: headers))
            }
        }
        try await withHTTPServer(routes: routes) { server in
            let answer = try await server.exchange("GET / HTTP/1.1\r\n" + Self.close)
            #expect(answer.contains("X-C: 3") && !answer.contains("X-B") && !answer.contains("Content-Length"))
        }
    }
}

extension String {
    var correlationID: Substring? {
        split(separator: "\r\n").first { $0.hasPrefix("X-Correlation-ID: ") }?.dropFirst("X-Correlation-ID: ".count)
    }

    /// What follows the first empty line.
    var body: Substring {
        firstRange(of: "\r\n\r\n").map { self[$0.upperBound...] } ?? ""
    }
}
