import NIOCore
import NIOPosix
import ServiceLifecycle

/// A TCP proxy that stands for the way to a server elsewhere: every byte arrives a fixed time later, in each direction.
///
/// As many bytes as the connection brings may be on their way at once, so that it delays and does not throttle. A
/// connection itself is made without delay.
struct DelayProxy: Service {
    /// The port of 127.0.0.1 that is listened on; 0 picks a free one.
    let port: Int
    let target: (host: String, port: Int)
    /// For one direction: half a round trip.
    let oneWay: Duration
    /// Is told the port once connections are taken.
    let onBound: @Sendable (Int) -> Void

    /// Runs until graceful shutdown or cancellation; throws `IOError` when it cannot listen.
    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let result: Result<Void, any Error>
        do { result = .success(try await serve(group)) } catch { result = .failure(error) }
        try await group.shutdownGracefully()
        try result.get()
    }

    private func serve(_ group: MultiThreadedEventLoopGroup) async throws {
        let loop = group.next()
        let delay = TimeAmount(oneWay)
        let line = try await loop.submit { NIOLoopBound(DelayLine(loop, delay: delay), eventLoop: loop) }.get()
        let (host, port) = target
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { accepted in
                let ends = NIOLoopBound(DelayedEnd.pair(line.value), eventLoop: loop)
                return ClientBootstrap(group: loop)
                    .channelOption(.autoRead, value: false)
                    .channelOption(.allowRemoteHalfClosure, value: true)
                    .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .channelInitializer { connected in
                        connected.eventLoop.makeCompletedFuture {
                            try accepted.pipeline.syncOperations.addHandler(ends.value.accepted)
                            try connected.pipeline.syncOperations.addHandler(ends.value.connected)
                        }
                    }
                    .connect(host: host, port: port).map { _ in }
            }
            .bind(host: "127.0.0.1", port: self.port).get()
        onBound(listener.localAddress?.port ?? self.port)
        try? await gracefulShutdown()
        try? await listener.close()
    }
}
