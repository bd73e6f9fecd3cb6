package import Logging
import ServiceLifecycle

/// Listens to channels on a connection of its own, which is replaced when it ends.
///
/// Redis keeps nothing for who is away: what was published meanwhile is lost. `onSubscribed` is called after every
/// (re)connection, for the one who must then look for what was missed. Both closures run on the reactor's thread.
package actor RedisSubscriber: Service {
    package nonisolated let reactor: Reactor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    private let connector: RedisConnector
    private let channels: [String]
    private let heartbeat: Duration
    private let onSubscribed: @Sendable () -> Void
    private let onMessage: @Sendable (_ channel: String, _ payload: [UInt8]) -> Void
    private var subscribed: Set<String> = []
    private var hasHeard = false

    /// Describes a subscription; a server that is silent for two `heartbeat`s is taken for dead.
    package init(
        _ configuration: RedisConfiguration, channels: [String], reactor: Reactor, logger: Logger,
        heartbeat: Duration = .seconds(10), onSubscribed: @escaping @Sendable () -> Void = {},
        onMessage: @escaping @Sendable (_ channel: String, _ payload: [UInt8]) -> Void
    ) {
        self.init(
            RedisConnector(dialer: RedisDialer(reactor: reactor), logger: logger) { _ in configuration },
            channels: channels, reactor: reactor, heartbeat: heartbeat, onSubscribed: onSubscribed,
            onMessage: onMessage)
    }

    /// Listens at the server that `router` uses, of a cluster at any node that can be reached.
    ///
    /// Every node of a cluster gets what is published at one of them.
    package init(
        of router: RedisRouter, channels: [String], logger: Logger,
        heartbeat: Duration = .seconds(10), onSubscribed: @escaping @Sendable () -> Void = {},
        onMessage: @escaping @Sendable (_ channel: String, _ payload: [UInt8]) -> Void
    ) {
        let topology = router.topology
        self.init(
            RedisConnector(dialer: topology.dialer, logger: logger) { attempt in
                topology.assumeIsolated { $0.place(attempt) }
            }, channels: channels, reactor: router.reactor, heartbeat: heartbeat, onSubscribed: onSubscribed,
            onMessage: onMessage)
    }

    private init(
        _ connector: sending RedisConnector, channels: [String], reactor: Reactor, heartbeat: Duration,
        onSubscribed: @escaping @Sendable () -> Void,
        onMessage: @escaping @Sendable (_ channel: String, _ payload: [UInt8]) -> Void
    ) {
        self.reactor = reactor
        self.channels = channels
        self.heartbeat = heartbeat
        self.onSubscribed = onSubscribed
        self.onMessage = onMessage
        self.connector = connector
    }

    /// Subscribes, again and again, until shut down, gracefully or by `shutDown()`, or cancelled; it runs once.
    package func run() async {
        await withGracefulShutdownHandler {
            await connector.run { connection in
                self.subscribe(on: connection)
            } onEnd: {
                self.subscribed = []
            }
        } onGracefulShutdown: {
            self.shutDown()
        }
    }

    /// Closes the connection and ends `run`.
    ///
    /// Safe to call twice, from any thread.
    package nonisolated func shutDown() {
        reactor.submit { self.assumeIsolated { $0.connector.stop() } }
    }

    /// Whether the server has confirmed all channels.
    package var isReady: Bool { subscribed.count == Set(channels).count }

    private func subscribe(on connection: RedisConnection) {
        connection.onPush = { [unowned connection] value in self.receive(value, on: connection) }
        connection.sendWithoutReply(RedisCommand("SUBSCRIBE", channels.map { .text($0) }))
        hasHeard = true
        beat(connection)
    }

    /// Asks for a sign of life, and closes when the last question had no answer.
    private func beat(_ connection: RedisConnection) {
        guard !connection.isClosed else { return }
        guard hasHeard else { return connection.close(RedisError(.timedOut, "the server is silent")) }
        hasHeard = false
        connection.sendWithoutReply(RedisCommand("PING"))
        reactor.after(heartbeat) { [weak connection] in
            if let connection { self.beat(connection) }
        }
    }

    private func receive(_ value: RedisValue, on connection: RedisConnection) {
        hasHeard = true
        guard let parts = value.array, let kind = parts.first?.string else {
            let reason = if case .error(let text) = value { RedisError(reply: text) } else { unexpected }
            return connection.close(reason)
        }
        switch kind {
        case "message":
            guard parts.count == 3, let channel = parts[1].string, let payload = parts[2].payload else {
                return connection.close(unexpected)
            }
            onMessage(channel, payload)
        case "subscribe":
            guard parts.count == 3, let channel = parts[1].string else { return connection.close(unexpected) }
            subscribed.insert(channel)
            if isReady { onSubscribed() }
        case "pong": break
        default: connection.close(unexpected)
        }
    }

    private var unexpected: RedisError { RedisError(.unexpectedReply, "not what a subscriber is sent") }
}
