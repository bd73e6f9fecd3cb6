/// Where an HTTP server listens and what it puts up with.
package struct HTTPServerConfiguration: Hashable, Sendable {
    /// `::` listens on IPv4 too, and falls back to `0.0.0.0` where there is no IPv6.
    package var host = "::"
    /// 0: any free one, told through `onBound`.
    package var port: Int
    package var eventLoops = 1
    /// Beyond it a connection is answered 503 and closed.
    package var maximumConnections = 10_000
    /// In bytes; a larger body is answered 413 and the connection closed.
    package var maximumBody = 64 * 1024
    /// In bytes, of the request target and all header names and values together; beyond it 431.
    package var maximumHead = 16 * 1024
    /// From a request's first byte to the end of its headers; also how long a new connection may stay silent.
    package var headerTimeout: Duration = .seconds(10)
    /// From the end of the headers to the end of the body.
    package var bodyTimeout: Duration = .seconds(20)
    /// How long a connection is kept between requests.
    package var idleTimeout: Duration = .seconds(75)
    /// How long a responder may take before the client is told 503.
    package var responseTimeout: Duration = .seconds(60)
    /// How long a client may take nothing of what is being streamed to it.
    package var writeTimeout: Duration = .seconds(30)
    /// How long requests in flight may take to finish at a graceful shutdown.
    package var shutdownTimeout: Duration = .seconds(10)

    package init(port: Int) { self.port = port }
}
