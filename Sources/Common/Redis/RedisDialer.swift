/// Opens connections, with what they share: the resolver, the authorities that TLS trusts, the metrics.
///
/// `@unchecked Sendable`: it is touched on the reactor's thread only, by the actors whose executor that is.
final class RedisDialer: @unchecked Sendable {
    let reactor: Reactor
    let metrics: RedisMetrics
    private let resolver: HostResolver
    private var tls: (caFile: String?, context: TLSContext)?

    init(reactor: Reactor, metrics: RedisMetrics = RedisMetrics()) {
        self.reactor = reactor
        self.metrics = metrics
        resolver = HostResolver(reactor: reactor)
    }

    /// A connection that is logged in, and the server's run id where it may be asked for.
    ///
    /// `onStart` gets the connection before anything is waited for, so that it can be closed meanwhile.
    func open(
        _ configuration: RedisConfiguration, onStart: (RedisConnection) -> Void = { _ in }
    ) async throws(RedisError) -> (connection: RedisConnection, runID: String?) {
        let deadline = ContinuousClock.now + configuration.connectTimeout
        let connection = try RedisConnection(reactor: reactor, metrics: metrics)
        onStart(connection)
        let runID: String?
        do throws(RedisError) {
            try await connection.connect(
                configuration, tls: try context(for: configuration), resolver: resolver, until: deadline)
            runID = try await connection.logIn(configuration, until: deadline)
        } catch {
            connection.close(error)
            throw error
        }
        if let closedBy = connection.closedBy { throw closedBy }
        connection.becomeUsable()
        return (connection, runID)
    }

    private func context(for configuration: RedisConfiguration) throws(RedisError) -> TLSContext? {
        guard configuration.usesTLS, configuration.socketPath == nil else { return nil }
        if let tls, tls.caFile == configuration.caFile { return tls.context }
        do throws(TransportError) {
            let context = try TLSContext(caFile: configuration.caFile)
            tls = (configuration.caFile, context)
            return context
        } catch {
            throw RedisError(.unavailable, error.description)
        }
    }
}
