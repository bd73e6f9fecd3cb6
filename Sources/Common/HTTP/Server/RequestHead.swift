import NIOHTTP1

/// What the server itself needs to know of a request's headers, read in one pass.
final class RequestHead {
    let head: HTTPRequestHead
    let correlationID: CorrelationID
    /// The caller's span; nil without one header that is one.
    let trace: TraceParent?
    /// Whether the connection may carry another request after this one.
    let keepsAlive: Bool
    /// HTTP/1.1 or a later HTTP/1, whose clients understand chunks and keep connections open.
    let isVersion11: Bool
    /// Whether the client waits for `100 Continue` before it sends the body.
    let expectsContinue: Bool
    /// In bytes; nil when the body is chunked or there is none.
    let contentLength: Int?
    /// Why the request is refused, before any of its body.
    let refusal: HTTPRefusal?

    init(_ head: HTTPRequestHead) {
        var hosts = 0
        var lengths: [String] = []
        var encodings = 0
        var correlationID: String?
        var trace: String?
        var traces = 0
        var expectation: String?
        var isUpgrade = head.method == .CONNECT
        for (name, value) in head.headers {
            switch name.utf8.count {
            case 4 where name.isHeader("host"): hosts += 1
            case 6 where name.isHeader("expect"): expectation = value
            case 7 where name.isHeader("upgrade"): isUpgrade = true
            case 11 where name.isHeader("traceparent"):
                trace = value
                traces += 1
            case 14 where name.isHeader("content-length"): lengths.append(value)
            case 16 where name.isHeader("x-correlation-id"): correlationID = correlationID ?? value
            case 17 where name.isHeader("transfer-encoding"): encodings += 1
            default: break
            }
        }
        isVersion11 = head.version.minor >= 1
        self.head = head
        self.correlationID = CorrelationID(accepting: correlationID)
        self.trace = traces == 1 ? trace.flatMap { TraceParent(header: $0) } : nil
        // The parser stops after a request that offers an upgrade: there is no next one.
        keepsAlive = head.isKeepAlive && !isUpgrade
        contentLength = lengths.first.flatMap { Int($0) }
        expectsContinue = isVersion11 && expectation?.lowercased() == "100-continue"
        // RFC 9112, 3.2 and 6.1 to 6.3: what two servers may read differently is how requests are smuggled.
        refusal =
            switch true {
            case isVersion11 && hosts != 1, hosts > 1: .malformed
            case lengths.count > 1, encodings > 1, !lengths.isEmpty && encodings > 0: .malformed
            case !lengths.isEmpty && contentLength == nil: .malformed
            case encodings > 0 && !isVersion11: .malformed
            case expectation != nil && isVersion11 && !expectsContinue: .expectationFailed
            default: nil
            }
    }
}
