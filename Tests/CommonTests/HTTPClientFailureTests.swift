import Common
import Glibc
import NIOHTTP1
import Subprocess
import TestSupport
import Testing

/// How the client fails, and whether it says truly that nothing was sent.
@Suite struct HTTPClientFailureTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    /// What `send` throws; a response instead is an issue.
    private func failure(
        of request: HTTPRequest, from client: HTTPClient, sourceLocation: SourceLocation = #_sourceLocation
    ) async -> HTTPError? {
        do {
            let response = try await client.send(request)
            Issue.record("answered \(response.status)", sourceLocation: sourceLocation)
            return nil
        } catch {
            return error
        }
    }

    private func withClient<R: Sendable>(
        maximumConnections: Int = 64, caFile: String? = nil, _ body: (HTTPClient) async throws -> R
    ) async throws -> R {
        let client = HTTPClient(
            reactor: Reactor(name: "client"), maximumConnections: maximumConnections, caFile: caFile)
        let result: Result<R, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        await client.close()
        return try result.get()
    }

    private func post(_ port: Int, _ body: String = "Body=hello") -> HTTPRequest {
        var request = HTTPRequest(.POST, "http://127.0.0.1:\(port)/", body: Array(body.utf8))
        request.timeout = .seconds(5)
        return request
    }

    // MARK: Never twice

    /// The heart of "not twice": by itself libcurl would send the request again on a new connection.
    @Test(arguments: [HTTPMethod.POST, .PUT, .DELETE], ["Body=hello", ""])
    func aKeptConnectionThatDiesMeansUnknownAndNoRepetition(method: HTTPMethod, body: String) async throws {
        try await withClient { client in
            let listener = try RawListener()
            async let first = client.send(post(listener.port, body))
            let connection = try await listener.accept()
            _ = try await connection.receive { $0.hasSuffix("Body=hello") || $0.hasSuffix("\r\n\r\n") && body.isEmpty }
            try await connection.send(Self.ok)
            let response = try await first
            #expect(response.status == 200)

            let request = HTTPRequest(method, "http://127.0.0.1:\(listener.port)/", body: Array(body.utf8))
            async let second = failure(of: request, from: client)
            // Without a body the request goes on a connection of its own, since libcurl could not be stopped.
            let used = body.isEmpty ? try await listener.accept() : connection
            let seen = try await used.receive { $0.hasSuffix("Body=hello") || $0.hasSuffix("\r\n\r\n") && body.isEmpty }
            #expect(seen.hasPrefix("\(method.rawValue) / HTTP/1.1\r\n"))
            used.shutDown()
            let error = await second
            #expect(error?.isProvablyNotSent == false)
            #expect(error?.code == .sendFailed || error?.code == .connectionLost)
            // libcurl may connect once more before it finds that it may not rewind the body; it says nothing there.
            try await Task.sleep(for: .milliseconds(50))
            while let another = listener.acceptNow() {
                let repetition = try await another.receive()
                #expect(repetition.isEmpty)
            }
        }
    }

    /// "Connection refused" is what libcurl says last, but the request had gone before.
    @Test func aServerThatDiesWithTheRequestMeansUnknown() async throws {
        try await withClient { client in
            let listener = try RawListener()
            async let first = client.send(post(listener.port))
            let connection = try await listener.accept()
            _ = try await connection.receive { $0.hasSuffix("Body=hello") }
            try await connection.send(Self.ok)
            _ = try await first
            async let second = failure(of: post(listener.port), from: client)
            _ = try await connection.receive { $0.hasSuffix("Body=hello") }
            listener.stop()
            connection.shutDown()
            let error = await second
            #expect(error?.isProvablyNotSent == false)
        }
    }

    @Test func aGetIsRepeatedWhenItsKeptConnectionIsDead() async throws {
        try await withClient { client in
            let listener = try RawListener()
            for _ in 0..<2 {
                async let answer = client.send(HTTPRequest(.GET, "http://127.0.0.1:\(listener.port)/"))
                let connection = try await listener.accept()
                _ = try await connection.receive { $0.hasSuffix("\r\n\r\n") }
                try await connection.send(Self.ok)
                let response = try await answer
                #expect(response.text == "ok")
                connection.shutDown()
            }
        }
    }

    @Test func aConnectionThatEndsBeforeTheAnswerIsUnknown() async throws {
        try await withClient { client in
            for said in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"] {
                let listener = try RawListener()
                async let error = failure(of: post(listener.port), from: client)
                let connection = try await listener.accept()
                _ = try await connection.receive { $0.hasSuffix("Body=hello") }
                try await connection.send(said)
                connection.shutDown()
                let outcome = await error
                #expect(outcome?.code == .connectionLost && outcome?.isProvablyNotSent == false)
            }
        }
    }

    @Test func whatIsSentIsExactlyThis() async throws {
        try await withClient { client in
            let listener = try RawListener()
            var request = post(listener.port)
            request.headers = ["X-Empty": "", "Content-Type": "application/x-www-form-urlencoded"]
            request.basicAuthentication = ("AC1", Secret("pw:"))
            async let answer = client.send(request)
            let connection = try await listener.accept()
            let seen = try await connection.receive { $0.hasSuffix("Body=hello") }
            try await connection.send(
                "HTTP/1.1 103 Early Hints\r\nA: 1\r\n\r\nHTTP/1.1 200 OK\r\nB: 2 \r\nContent-Length: 0\r\n\r\n")
            let response = try await answer
            #expect(!response.headers.contains(name: "a") && response.headers.first(name: "b") == "2")
            let lines = Set(seen.split(separator: "\r\n"))
            #expect(
                lines == [
                    "POST / HTTP/1.1", "Host: 127.0.0.1:\(listener.port)", "Authorization: Basic QUMxOnB3Og==",
                    "Accept: */*", "User-Agent: whatsapp-handler", "X-Empty:", "Content-Length: 10",
                    "Content-Type: application/x-www-form-urlencoded", "Body=hello",
                ])
        }
    }

    // MARK: Provably not sent

    @Test func aRefusedConnectionIsProvablyNotSent() async throws {
        try await withClient { client in
            let error = await failure(of: post(try freePort()), from: client)
            #expect(error?.code == .couldNotConnect && error?.isProvablyNotSent == true)
        }
    }

    @Test func anUnknownNameIsProvablyNotSent() async throws {
        try await withClient { client in
            let error = await failure(of: HTTPRequest(.POST, "http://nowhere.invalid/", body: [1]), from: client)
            #expect(error?.code == .nameNotResolved && error?.isProvablyNotSent == true)
        }
    }

    @Test(arguments: [
        "", "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "http://", "http://a b/", "http://a\r\nb/",
    ])
    func onlyHTTPIsSpoken(url: String) async throws {
        try await withClient { client in
            let error = await failure(of: HTTPRequest(.GET, url), from: client)
            #expect(error?.isProvablyNotSent == true)
        }
    }

    @Test func aHeaderCannotBeInjected() async throws {
        try await withClient { client in
            for headers: HTTPHeaders in [["A": "1\r\nB: 2"], ["A\r\nB": "1"], ["": "1"], ["A:": "1"]] {
                let error = await failure(of: HTTPRequest(.GET, "http://127.0.0.1:1/", headers: headers), from: client)
                #expect(error == HTTPError(.invalidRequest, isProvablyNotSent: true))
            }
        }
    }

    // MARK: Time and size

    @Test func aSilentServerTimesOutWithUnknownOutcome() async throws {
        try await withClient { client in
            let listener = try RawListener()
            async let first = client.send(post(listener.port))
            let connection = try await listener.accept()
            _ = try await connection.receive { $0.hasSuffix("Body=hello") }
            try await connection.send(Self.ok)
            let response = try await first
            #expect(response.text == "ok")
            var request = post(listener.port)
            request.timeout = .milliseconds(150)
            let error = await failure(of: request, from: client)  // on the connection that was kept
            #expect(error?.code == .timedOut && error?.isProvablyNotSent == false)
            let another = await failure(of: request, from: client)  // on one that the kernel accepted for us
            #expect(another?.code == .timedOut && another?.isProvablyNotSent == false)
        }
    }

    @Test func aConnectionThatIsNotMadeInTimeIsProvablyNotSent() async throws {
        try await withClient { client in
            // Nobody answers the TLS handshake, so that no byte of the request can leave.
            let listener = try RawListener()
            var request = HTTPRequest(.POST, "https://127.0.0.1:\(listener.port)/", body: [1])
            request.connectTimeout = .milliseconds(150)
            let error = await failure(of: request, from: client)
            #expect(error?.code == .timedOut && error?.isProvablyNotSent == true)
        }
    }

    @Test func waitingForAPlaceHasADeadlineToo() async throws {
        try await withClient(maximumConnections: 1) { client in
            let listener = try RawListener()
            async let first = client.send(post(listener.port))
            let connection = try await listener.accept()
            var request = post(listener.port)
            request.timeout = .milliseconds(100)
            let error = await failure(of: request, from: client)
            #expect(error?.code == .timedOut && error?.isProvablyNotSent == true)
            async let third = client.send(post(listener.port))
            _ = try await connection.receive { $0.hasSuffix("Body=hello") }
            try await connection.send(Self.ok)
            let response = try await first
            #expect(response.text == "ok")
            _ = try await connection.receive { $0.hasSuffix("Body=hello") }
            try await connection.send(Self.ok)
            let lastResponse = try await third
            #expect(lastResponse.text == "ok")
        }
    }

    @Test func aResponseThatIsTooLargeIsGivenUp() async throws {
        try await withHTTPServer { server in
            try await withClient { client in
                var request = HTTPRequest(.POST, server.url + "/echo", body: [UInt8](repeating: 1, count: 10_000))
                request.maximumResponseBytes = 10_000
                let response = try await client.send(request)
                #expect(response.body.count == 10_000)
                request.maximumResponseBytes = 9_999
                let error = await failure(of: request, from: client)
                #expect(error?.code == .responseTooLarge && error?.isProvablyNotSent == false)
            }
        }
    }

    @Test func responseHeadersHaveALimit() async throws {
        try await withClient { client in
            let listener = try RawListener()
            async let error = failure(of: post(listener.port), from: client)
            let connection = try await listener.accept()
            _ = try await connection.receive { $0.hasSuffix("Body=hello") }
            let line = "X: " + String(repeating: "x", count: 1000) + "\r\n"
            try? await connection.send("HTTP/1.1 200 OK\r\n" + String(repeating: line, count: 100))
            #expect(await error?.code == .responseTooLarge)
        }
    }

    // MARK: Cancelling and closing

    @Test func cancellingEndsTheTransferAtOnce() async throws {
        try await withClient { client in
            let listener = try RawListener()
            let request = post(listener.port)
            let task = Task { await failure(of: request, from: client) }
            let connection = try await listener.accept()
            _ = try await connection.receive { $0.hasSuffix("Body=hello") }
            let cancelled = ContinuousClock.now
            task.cancel()
            let error = await task.value
            #expect(error?.code == .cancelled && error?.isProvablyNotSent == false)
            #expect(ContinuousClock.now - cancelled < .seconds(3), "its own time-out is five seconds")
            try await connection.waitForEnd()
        }
    }

    @Test func cancellingWhileWaitingIsProvablyNotSent() async throws {
        try await withClient(maximumConnections: 1) { client in
            let listener = try RawListener()
            let request = post(listener.port)
            let first = Task { await failure(of: request, from: client) }
            let connection = try await listener.accept()
            let second = Task { await failure(of: request, from: client) }
            try await Task.sleep(for: .milliseconds(20))
            second.cancel()
            let error = await second.value
            #expect(error == HTTPError(.cancelled, isProvablyNotSent: true))
            connection.shutDown()
            #expect(await first.value?.isProvablyNotSent == false)
        }
    }

    @Test func closingFailsWhatIsInFlight() async throws {
        try await withClient { client in
            let listener = try RawListener()
            async let error = failure(of: post(listener.port), from: client)
            let connection = try await listener.accept()
            _ = try await connection.receive { $0.hasSuffix("Body=hello") }
            await client.close()
            #expect(await error?.code == .cancelled)
            let later = await failure(of: post(listener.port), from: client)
            #expect(later?.code == .cancelled && later?.isProvablyNotSent == true)
        }
    }

    // MARK: Redirects, TLS, many

    @Test func redirectsAreFollowedOnlyWhenAsked() async throws {
        func routes(_ router: inout Router) {
            router.onSync(.GET, "/old") { _ in HTTPServerResponse(status: .found, headers: ["Location": "/new"]) }
            router.onSync(.GET, "/file") { _ in
                HTTPServerResponse(status: .found, headers: ["Location": "file:///etc/passwd"])
            }
            router.onSync(.GET, "/new") { _ in .text("new") }
        }
        try await withHTTPServer(routes: routes) { server in
            try await withClient { client in
                var request = HTTPRequest(.GET, server.url + "/old")
                let response = try await client.send(request)
                #expect(response.status == 302)
                request.followsRedirects = true
                let followed = try await client.send(request)
                #expect(followed.status == 200 && followed.text == "new")
                request.url = server.url + "/file"
                #expect(await failure(of: request, from: client) != nil)
            }
        }
    }

    @Test func aCertificateMustBeTrusted() async throws {
        try await withTemporaryDirectory { directory in
            for name in ["a", "b"] { try await makeCertificate(directory + "/" + name) }
            let port = try freePort()
            let server = ServerProcess(
                "openssl",
                [
                    "s_server", "-accept", "127.0.0.1:\(port)", "-cert", directory + "/a.crt", "-key",
                    directory + "/a.key", "-www", "-quiet",
                ], log: directory + "/log")
            try await server.start()
            try await until("openssl listens") { connects(toPort: port) }
            let request = HTTPRequest(.GET, "https://localhost:\(port)/")
            try await withClient(caFile: directory + "/a.crt") { client in
                let response = try await client.send(request)
                #expect(response.status == 200)
                // Trusted, but not for this name.
                let error = await failure(of: HTTPRequest(.GET, "https://127.0.0.1:\(port)/"), from: client)
                #expect(error?.code == .tlsFailed && error?.isProvablyNotSent == true)
            }
            for caFile in [directory + "/b.crt", nil] {
                try await withClient(caFile: caFile) { client in
                    let error = await failure(of: request, from: client)
                    #expect(error?.code == .tlsFailed && error?.isProvablyNotSent == true)
                }
            }
            try await server.stop()
        }
    }

    @Test(arguments: [8, 64, 300]) func manyRequestsAtOnce(connections: Int) async throws {
        try await withHTTPServer { server in
            try await withClient(maximumConnections: connections) { client in
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for number in 0..<200 {
                        tasks.addTask {
                            let body = Array("request \(number)".utf8)
                            let response = try await client.send(HTTPRequest(.POST, server.url + "/echo", body: body))
                            #expect(response.body == body)
                        }
                    }
                    try await tasks.waitForAll()
                }
            }
        }
    }

    @Test func failuresLeaveNoConnectionOpen() async throws {
        let listener = try RawListener()
        try await withClient { client in
            for _ in 0..<20 {
                async let error = failure(of: post(listener.port), from: client)
                try await listener.accept().shutDown()
                _ = await error
            }
        }
        try await until("all connections are closed") { openConnections(toPort: listener.port) == 0 }
    }

    /// Connections that this machine's processes have not closed, by what the kernel says.
    private func openConnections(toPort port: Int) -> Int {
        guard let file = fopen("/proc/net/tcp", "r") else { return -1 }
        defer { fclose(file) }
        var count = 0
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
                separator: " ")
            guard words.count > 3, let remote = words[2].split(separator: ":").last else { continue }
            if Int(remote, radix: 16) == port, ["01", "08"].contains(words[3]) { count += 1 }
        }
        return count
    }

    /// A certificate for the name `localhost` alone that is its own authority.
    private func makeCertificate(_ path: String) async throws {
        let made = try await run(
            .name("openssl"),
            arguments: [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", path + ".key", "-out",
                path + ".crt",
            ], output: .discarded, error: .discarded)
        #expect(made.terminationStatus.isSuccess)
    }
}
