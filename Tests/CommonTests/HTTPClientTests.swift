import Common
import NIOHTTP1
import TestSupport
import Testing

@Suite struct HTTPClientTests {
    let client = HTTPClient(reactor: Reactor(name: "client"))

    @Test func aResponseComesBackWhole() async throws {
        try await withHTTPServer { server in
            let hello = try await client.send(HTTPRequest(.GET, server.url + "/hello"))
            #expect(hello.status == 200 && hello.text == "hello")
            #expect(hello.headers.first(name: "content-type") == "text/plain; charset=utf-8")
            let body = (0..<60_000).map { UInt8(truncatingIfNeeded: $0) }
            let echo = try await client.send(HTTPRequest(.POST, server.url + "/echo", body: body))
            #expect(echo.body == body)
            let empty = try await client.send(HTTPRequest(.POST, server.url + "/echo"))
            #expect(empty.status == 200 && empty.body.isEmpty)
            let head = try await client.send(HTTPRequest(.HEAD, server.url + "/hello"))
            #expect(head.status == 200 && head.body.isEmpty)
            let put = try await client.send(HTTPRequest(.PUT, server.url + "/echo", body: body))
            #expect(put.status == 405)
        }
        await client.close()
    }
}
