import Glibc
package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// The HTTP/1.1 server of all programs.
package struct HTTPServer: Service {
    private let configuration: HTTPServerConfiguration
    private let router: Router
    private let logger: Logger
    private let onBound: @Sendable (Int) -> Void

    /// Describes a server; `onBound` is told its port once it accepts connections.
    package init(
        configuration: HTTPServerConfiguration, router: Router, logger: Logger,
        onBound: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.router = router
        self.logger = logger
        self.onBound = onBound
    }

    /// Serves until graceful shutdown, then finishes what is in flight; when cancelled, cuts it.
    ///
    /// Throws `IOError` when it cannot listen.
    package func run() async throws {
        raiseDescriptorLimit()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoops)
        let result: Result<Void, any Error>
        do { result = .success(try await serve(on: group)) } catch { result = .failure(error) }
        try await group.shutdownGracefully()
        try result.get()
    }

    private func serve(on group: MultiThreadedEventLoopGroup) async throws {
        let (tasks, jobs) = RequestTasks.makeQueue()
        let total = Locked(0)
        var loops: [ObjectIdentifier: NIOLoopBound<ServerConnections>] = [:]
        for loop in group.makeIterator() {
            loops[ObjectIdentifier(loop)] = try await loop.submit {
                NIOLoopBound(
                    ServerConnections(configuration, router, tasks, loop, logger: logger, total: total), eventLoop: loop
                )
            }.get()
        }
        let listener = try await bind(group, loops)
        let port = listener.localAddress?.port ?? configuration.port
        logger.notice("listening", metadata: ["port": "\(port)"])
        onBound(port)
        let ends = loops.values
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    try? await gracefulShutdown()
                    try? await listener.close()
                    await drain(ends.map { $0 })
                    tasks.finish()
                }
                for await job in jobs { group.addTask { await job() } }
            }
        } onCancel: {
            for end in ends { end.eventLoop.execute { end.value.close() } }
        }
    }

    private func drain(_ loops: [NIOLoopBound<ServerConnections>]) async {
        for loop in loops {
            loop.eventLoop.scheduleTask(in: TimeAmount(configuration.shutdownTimeout)) { loop.value.close() }
        }
        await withDiscardingTaskGroup { group in
            for loop in loops {
                group.addTask { try? await loop.eventLoop.flatSubmit { loop.value.drain() }.get() }
            }
        }
    }

    // MARK: Listening

    private func bind(
        _ group: MultiThreadedEventLoopGroup, _ loops: [ObjectIdentifier: NIOLoopBound<ServerConnections>]
    ) async throws -> any Channel {
        guard configuration.host == "::" else {
            return try await bootstrap(group, loops).bind(host: configuration.host, port: configuration.port).get()
        }
        do {
            return try await bootstrap(group, loops)
                .serverChannelOption(ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only), value: 0)
                .bind(host: "::", port: configuration.port).get()
        } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errnoCode) {
            return try await bootstrap(group, loops).bind(host: "0.0.0.0", port: configuration.port).get()
        }
    }

    private func bootstrap(
        _ group: MultiThreadedEventLoopGroup, _ loops: [ObjectIdentifier: NIOLoopBound<ServerConnections>]
    ) -> ServerBootstrap {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = configuration.maximumHead
        limits.maxHeaderListSize = configuration.maximumHead
        limits.maxHeaderFieldCount = 100
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1024, maximum: 16384)
            )
            .childChannelInitializer { [limits] channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let connections = loops[ObjectIdentifier(channel.eventLoop)]?.value else {
                        throw ChannelError.inappropriateOperationForState
                    }
                    let admission = connections.admit()
                    if admission == .refused { throw ChannelError.inputClosed }
                    let decoder = HTTPRequestDecoder(limitConfiguration: limits)
                    try channel.pipeline.syncOperations.addHandlers([
                        ByteToMessageHandler(decoder),
                        HTTPConnection(connections, isOverLimit: admission == .overLimit),
                    ])
                }
            }
    }

    /// Many systems let a process open 1,024 files unless it asks for more.
    private func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        let wanted = min(limit.rlim_max, rlim_t(configuration.maximumConnections) + 2048)
        if limit.rlim_cur < wanted {
            limit.rlim_cur = wanted
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
    }
}
