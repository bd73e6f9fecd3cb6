import Common
import NIOHTTP1
import TestSupport
import Testing

/// Requests whose answer counts as soon as its head is there.
@Suite struct HTTPClientHeadTests {
    /// What a server that says `answer` and then keeps silent, or ends the connection, is taken to have answered.
    private func status(
        _ answer: String, thenCloses: Bool, needsBody: Bool = false, timeout: Duration = .seconds(10)
    ) async throws -> Result<HTTPResponse, HTTPError> {
        let listener = try RawListener()
        let client = HTTPClient(reactor: Reactor(name: "client"))
        var request = HTTPRequest(.POST, "http://127.0.0.1:\(listener.port)/", body: [1])
        (request.timeout, request.needsBody, request.maximumResponseBytes) = (timeout, needsBody, 1000)
        async let response = outcome(of: request, from: client)
        let connection = try await listener.accept()
        _ = try await connection.receive { $0.hasSuffix("\u{1}") }
        try await connection.send(answer)
        if thenCloses { connection.shutDown() }
        let result = await response
        await client.close()
        return result
    }

    private func outcome(of request: HTTPRequest, from client: HTTPClient) async -> Result<HTTPResponse, HTTPError> {
        do { return .success(try await client.send(request)) } catch { return .failure(error) }
    }

    private static let long =
        "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + String(repeating: "x", count: 60_000)
    private static let cut = "HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 10\r\n\r\nhalf"

    @Test func aBodyThatIsTooLongIsCut() async throws {
        let response = try await status(Self.long, thenCloses: false).get()
        #expect(response.status == 200 && response.body.count <= 1000)
        let whole = try await status(Self.long, thenCloses: false, needsBody: true)
        #expect(throws: HTTPError.self) { try whole.get() }
    }

    @Test func aBodyThatBreaksOffDoesNotMatter() async throws {
        let response = try await status(Self.cut, thenCloses: true).get()
        #expect(response.status == 503 && response.headers.first(name: "retry-after") == "7")
        let whole = try await status(Self.cut, thenCloses: true, needsBody: true)
        #expect(throws: HTTPError.self) { try whole.get() }
    }

    @Test func aBodyThatNeverEndsIsNotWaitedForBeyondTheTimeout() async throws {
        let response = try await status(Self.cut, thenCloses: false, timeout: .milliseconds(500)).get()
        #expect(response.status == 503)
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"])
    func halfAHeadOrAPreliminaryOneIsNoAnswer(text: String) async throws {
        let result = try await status(text, thenCloses: true)
        #expect(throws: HTTPError.self) { try result.get() }
    }

    @Test func whatComesAfterAPreliminaryAnswerCounts() async throws {
        let text = "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
        let response = try await status(text, thenCloses: false).get()
        #expect(response.status == 410 && !response.headers.contains(name: "a"))
    }
}
