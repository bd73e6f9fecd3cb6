import Common
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// The console, listening.
struct ConsoleServer: Sendable {
    private let servers: ConnectedOperator
    private let configuration: ConsoleConfiguration
    private let stateTTL: Duration
    private let host: String
    private let port: Int
    private let isLocal: Bool
    private let logger: Logger

    /// Enough for a few people: a browser opens six at most.
    private static let connections = 128

    init(
        _ servers: ConnectedOperator, _ configuration: ConsoleConfiguration, stateTTL: Duration, host: String,
        port: Int, isLocal: Bool, logger: Logger
    ) {
        self.servers = servers
        self.configuration = configuration
        self.stateTTL = stateTTL
        self.host = host
        self.port = port
        self.isLocal = isLocal
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT, then finishes what is being answered.
    ///
    /// `connections` are the services that keep those to Redis and Postgres; throws `ConsoleFailure` when it cannot listen.
    func run(with connections: [any Service]) async throws {
        let bound = Locked(port)
        let reader = OverviewReader(servers)
        let letters = LetterCopies()
        let record = ThroughputRecord(reader) { [servers] queue in await letters.look(queue, servers) }
        let access = ConsoleAccess(
            token: configuration.token, proxies: configuration.trustedProxies, isLocal: isLocal,
            port: { bound.withLock { $0 } }, sessions: Sessions(), limit: LoginLimit(), logger: logger)
        let console = Console(
            servers: servers, access: access, overview: reader, record: record, letters: letters,
            stateTTL: stateTTL, logger: logger)
        var http = HTTPServerConfiguration(port: port)
        http.host = host
        http.maximumConnections = Self.connections
        http.responseTimeout = Console.requestLimit
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let server = HTTPServer(configuration: http, router: console.router, logger: quiet) { port in
            bound.withLock { $0 = port }
            announce(port)
        }
        var group = ServiceGroupConfiguration(
            services: (connections + [record, server]).map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        group.maximumGracefulShutdownDuration = .seconds(10)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as IOError {
            throw ConsoleFailure(
                "Cannot listen on \(host), port \(port): \(error). Is a console running already? --port 0 takes a free port."
            )
        }
        logger.notice("the console has stopped")
    }

    private func announce(_ port: Int) {
        let name = host == "::1" ? "[::1]" : isLocal ? "127.0.0.1" : host.contains(":") ? "[\(host)]" : host
        logger.notice(
            "the console is ready",
            metadata: ["url": "http://\(name):\(port)/", "log_in": .stringConvertible(configuration.token != nil)])
        if !isLocal, configuration.trustedProxies.isEmpty {
            logger.warning(
                "TRUSTED_PROXIES is empty: the console is served without TLS, and the token can be read on its way")
        }
    }
}

/// Why the console is not served.
struct ConsoleFailure: OperatorFailure, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
