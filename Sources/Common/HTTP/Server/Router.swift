package import NIOCore
package import NIOHTTP1

/// Answers one request; called on the request's event loop, so it must not block.
package typealias HTTPResponder = @Sendable (HTTPServerRequest) -> EventLoopFuture<HTTPServerResponse>

/// Which responder a method and path go to.
///
/// No cross-origin access is granted: `OPTIONS` has no routes, and nothing sends `Access-Control-` headers.
package struct Router: Sendable {
    private struct Route {
        var responders: [(method: HTTPMethod, respond: HTTPResponder)] = []

        func responder(for method: HTTPMethod) -> HTTPResponder? {
            responders.first { $0.method == method }?.respond
        }

        /// For the `Allow` header (RFC 9110, 10.2.1).
        var allowed: String {
            var methods = responders.map(\.method.rawValue)
            if methods.contains("GET"), !methods.contains("HEAD") { methods.append("HEAD") }
            return methods.joined(separator: ", ")
        }
    }

    private var exact: [String: Route] = [:]
    /// By what stands before the `*`, longest first.
    private var prefixes: [(prefix: String, route: Route)] = []

    package init() {}

    /// Adds a route.
    ///
    /// A path that ends in `*` stands for all paths that begin with what is before it; an exact path comes before those,
    /// a longer prefix before a shorter one. A route for `GET` also answers `HEAD`.
    package mutating func on(_ method: HTTPMethod, _ path: String, _ responder: @escaping HTTPResponder) {
        guard path.utf8.last == UInt8(ascii: "*") else {
            exact[path, default: Route()].responders.append((method, responder))
            return
        }
        let prefix = String(path.dropLast())
        if let index = prefixes.firstIndex(where: { $0.prefix == prefix }) {
            prefixes[index].route.responders.append((method, responder))
        } else {
            prefixes.append((prefix, Route(responders: [(method, responder)])))
            prefixes.sort { $0.prefix.utf8.count > $1.prefix.utf8.count }
        }
    }

    /// Adds a route that is answered at once.
    package mutating func onSync(
        _ method: HTTPMethod, _ path: String, _ respond: @escaping @Sendable (HTTPServerRequest) -> HTTPServerResponse
    ) {
        on(method, path) { $0.eventLoop.makeSucceededFuture(respond($0)) }
    }

    /// Adds a route that is answered by calling `reply`, exactly once, from any thread: the cheapest way to wait.
    package mutating func onReply(
        _ method: HTTPMethod, _ path: String, _ begin: @escaping @Sendable (HTTPServerRequest, HTTPReply) -> Void
    ) {
        on(method, path) { request in
            let reply = HTTPReply(promise: request.eventLoop.makePromise())
            begin(request, reply)
            return reply.promise.futureResult
        }
    }

    /// Adds a route whose responder runs as a child task of the server's `run()`.
    ///
    /// It is not cancelled when the client goes away, only when the server stops.
    package mutating func onAsync(
        _ method: HTTPMethod, _ path: String,
        _ respond: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse
    ) {
        on(method, path) { request in
            let promise = request.eventLoop.makePromise(of: HTTPServerResponse.self)
            let isStarted = request.tasks.start { promise.succeed(await respond(request)) }
            if !isStarted { promise.succeed(.shuttingDown(request.correlationID)) }
            return promise.futureResult
        }
    }

    func respond(to request: HTTPServerRequest) -> EventLoopFuture<HTTPServerResponse> {
        guard let route = route(for: request.path) else {
            return request.eventLoop.makeSucceededFuture(
                .error(.notFound, "not_found", "There is nothing at this address.", request.correlationID))
        }
        if let respond = route.responder(for: request.method) { return respond(request) }
        if request.method == .HEAD, let respond = route.responder(for: .GET) { return respond(request) }
        var refusal = HTTPServerResponse.error(
            .methodNotAllowed, "method_not_allowed", "This address does not answer this method.", request.correlationID)
        refusal.headers.add(name: "Allow", value: route.allowed)
        return request.eventLoop.makeSucceededFuture(refusal)
    }

    private func route(for path: String) -> Route? {
        exact[path] ?? prefixes.first { path.utf8.starts(with: $0.prefix.utf8) }?.route
    }
}

extension HTTPServerResponse {
    static func shuttingDown(_ correlationID: CorrelationID) -> HTTPServerResponse {
        .error(.serviceUnavailable, "shutting_down", "The server is shutting down.", correlationID)
    }
}
