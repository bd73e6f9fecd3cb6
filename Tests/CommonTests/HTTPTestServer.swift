import Common
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import TestSupport

/// A server of a test's own, run as programs run it.
struct HTTPTestServer: Sendable {
    let port: Int
    let group: ServiceGroup

    var url: String { "http://127.0.0.1:\(port)" }

    func connect() throws -> RawConnection { try RawConnection(port: port) }

    /// Sends `text` on a connection of its own and gives all that is answered until the server closes.
    func exchange(_ text: String) async throws -> String {
        let connection = try connect()
        try await connection.send(text)
        return try await connection.receive()
    }

    /// Routes that most tests need.
    static func addRoutes(to router: inout Router) {
        router.on(.GET, "/hello") { $0.eventLoop.makeSucceededFuture(.text("hello")) }
        router.on(.POST, "/echo") { request in
            request.eventLoop.makeSucceededFuture(HTTPServerResponse(status: .ok, body: .bytes(request.bytes)))
        }
        router.onAsync(.GET, "/slow") { request in
            try? await Task.sleep(for: .milliseconds(Int(request.query ?? "") ?? 100))
            return .text("slow")
        }
        router.onAsync(.GET, "/later") { request in
            await Task.yield()
            return .text("later \(request.query ?? "")")
        }
    }
}

func withHTTPServer<R: Sendable>(
    _ configure: (inout HTTPServerConfiguration) -> Void = { _ in },
    routes: (inout Router) -> Void = HTTPTestServer.addRoutes,
    _ body: @Sendable (HTTPTestServer) async throws -> R
) async throws -> R {
    var configuration = HTTPServerConfiguration(port: 0)
    configure(&configuration)
    var router = Router()
    routes(&router)
    let port = Locked<Int?>(nil)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = HTTPServer(configuration: configuration, router: router, logger: logger) { bound in
        port.withLock { $0 = bound }
    }
    let group = ServiceGroup(services: [server], logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        try await until("the server listens") { port.withLock { $0 } != nil }
        let result: Result<R, any Error>
        do {
            result = .success(try await body(HTTPTestServer(port: port.withLock { $0 } ?? 0, group: group)))
        } catch { result = .failure(error) }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return try result.get()
    }
}
