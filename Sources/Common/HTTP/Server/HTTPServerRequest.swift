package import NIOCore
package import NIOHTTP1

/// A request that has arrived completely.
package final class HTTPServerRequest: Sendable {
    package let method: HTTPMethod
    /// The request target exactly as it came: what signatures are made over.
    package let target: String
    /// The part of the target before `?`, not percent-decoded.
    package let path: String
    /// The part of the target after the first `?`, nil without one.
    package let query: String?
    package let headers: HTTPHeaders
    package let body: ByteBuffer
    /// The peer's IP address, which may be a proxy's; an IPv4 address in its own form.
    package let remoteAddress: String?
    package let correlationID: CorrelationID
    /// The caller's span, from the header `traceparent`.
    package let trace: TraceParent?
    /// Where the response's future is best completed.
    package let eventLoop: any EventLoop
    let tasks: RequestTasks

    /// The body as an array, copied.
    package var bytes: [UInt8] { Array(body.readableBytesView) }

    init(
        head: HTTPRequestHead, body: ByteBuffer, correlationID: CorrelationID, trace: TraceParent?,
        remoteAddress: String?,
        eventLoop: any EventLoop, tasks: RequestTasks
    ) {
        method = head.method
        target = head.uri
        (path, query) = Self.split(head.uri)
        headers = head.headers
        self.body = body
        self.remoteAddress = remoteAddress
        self.correlationID = correlationID
        self.trace = trace
        self.eventLoop = eventLoop
        self.tasks = tasks
    }

    /// Path and query of a target in origin form (`/a?b`) or absolute form (`http://host/a?b`), without a fragment.
    static func split(_ target: String) -> (path: String, query: String?) {
        var rest = target.utf8[...]
        if rest.first != UInt8(ascii: "/"), let authority = target.startOfAuthority {
            let afterScheme = rest[authority...]
            guard let start = afterScheme.firstIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") })
            else { return ("/", nil) }
            rest = rest[start...]
        }
        if let fragment = rest.firstIndex(of: UInt8(ascii: "#")) { rest = rest[..<fragment] }
        guard let mark = rest.firstIndex(of: UInt8(ascii: "?")) else { return (String(Substring(rest)), nil) }
        let path = String(Substring(rest[..<mark]))
        return (path.isEmpty ? "/" : path, String(Substring(rest[rest.index(after: mark)...])))
    }
}

extension String {
    /// Where the authority of an absolute URI begins: just after the first `://`.
    fileprivate var startOfAuthority: String.Index? {
        guard let colon = utf8.firstIndex(of: UInt8(ascii: ":")), utf8[colon...].starts(with: "://".utf8) else {
            return nil
        }
        return utf8.index(colon, offsetBy: 3)
    }
}
