package import NIOCore
package import NIOHTTP1

/// Answers one request; called on the request's event loop, so it must not block.
package typealias HTTPResponder = @Sendable (HTTPServerRequest) -> EventLoopFuture<HTTPServerResponse>

/// Which responder a method and path go to.
///
/// No cross-origin access is granted: `OPTIONS` has no routes, and nothing sends `Access-Control-` headers.
package struct Router: Sendable {
    private typealias Begin = @Sendable (HTTPServerRequest, HTTPReply) -> Void

    private struct Route {
        private struct Responder {
            let method: HTTPMethod
            let begin: Begin
        }

        private var responders: [Responder] = []

        mutating func add(_ method: HTTPMethod, _ begin: @escaping Begin) {
            responders.append(Responder(method: method, begin: begin))
        }

        func responder(for method: HTTPMethod) -> Begin? { responders.first { $0.method == method }?.begin }

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
        onReply(method, path) { request, reply in responder(request).whenComplete { reply.complete($0) } }
    }

    /// Adds a route that is answered at once.
    package mutating func onSync(
        _ method: HTTPMethod, _ path: String, _ respond: @escaping @Sendable (HTTPServerRequest) -> HTTPServerResponse
    ) {
        onReply(method, path) { request, reply in reply(respond(request)) }
    }

    /// Adds a route that is answered by calling `reply`, exactly once, from any thread: the cheapest way to wait.
    package mutating func onReply(
        _ method: HTTPMethod, _ path: String, _ begin: @escaping @Sendable (HTTPServerRequest, HTTPReply) -> Void
    ) {
        guard path.utf8.last == UInt8(ascii: "*") else { return exact[path, default: Route()].add(method, begin) }
        let prefix = String(path.dropLast())
        if let index = prefixes.firstIndex(where: { $0.prefix == prefix }) {
            prefixes[index].route.add(method, begin)
        } else {
            var route = Route()
            route.add(method, begin)
            prefixes.append((prefix, route))
            prefixes.sort { $0.prefix.utf8.count > $1.prefix.utf8.count }
        }
    }

    /// Adds a route whose responder runs as a child task of the server's `run()`.
    ///
    /// It is not cancelled when the client goes away, only when the server stops.
    package mutating func onAsync(
        _ method: HTTPMethod, _ path: String,
        _ respond: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse
    ) {
        onReply(method, path) { request, reply in
            let isStarted = request.tasks.start { reply(await respond(request)) }
            if !isStarted { reply(.shuttingDown(request.correlationID)) }
        }
    }

    /// Has a request answered: by its responder, or with why there is none.
    func respond(to request: HTTPServerRequest, _ reply: HTTPReply) {
        guard let route = route(for: request.path) else {
            return reply(.error(.notFound, "not_found", "There is nothing at this address.", request.correlationID))
        }
        if let begin = route.responder(for: request.method) { return begin(request, reply) }
        if request.method == .HEAD, let begin = route.responder(for: .GET) { return begin(request, reply) }
        var refusal = HTTPServerResponse.error(
            .methodNotAllowed, "method_not_allowed", "This address does not answer this method.", request.correlationID)
        refusal.headers.add(name: "Allow", value: route.allowed)
        reply(refusal)
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
