import DequeModule
package import Logging
import ServiceLifecycle

/// Redis, whether it is one server or a cluster: finds out by itself and sends every command where its key lives.
///
/// A lone server gets everything over one connection, as with `RedisClient`. In a cluster each master has a client; what
/// was not executed for certain (a redirection, a node that is away, a failover under way) is sent again until the
/// command's own deadline, which counts from when it was given, and then fails as `unavailable`; what was written when a
/// connection ended fails as `connectionLost`, since it may have been executed. Commands to one slot stay in the order
/// in which they were given, unless a node refused some of them for a while.
package actor RedisRouter: RedisService {
    package nonisolated let reactor: Reactor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }
    nonisolated let topology: RedisTopology

    let configuration: RedisConfiguration
    let logger: Logger
    /// Asks for the layout on behalf of its siblings and keeps a connection to every master.
    private let isFirst: Bool
    private let queueShards: Int?

    private var lone: RedisClient?
    private(set) var map: RedisSlotMap?
    private var nodes: [RedisAddress: RedisClient] = [:]
    var parked: Deque<RedisErrand> = []
    var parkedBytes = 0
    var underWay = 0
    var gatherings: [Int: RedisGathering] = [:]
    var lastGathering = 0
    private var madeTimer: DeadlineTimer?

    private var readiness: Latch
    private(set) var isStopping = false
    private let (clients, newClients) = AsyncStream.makeStream(of: RedisClient.self)

    /// Describes the servers behind `configuration`; a `queueShards` of 1 is warned of when they are a cluster, since a
    /// queue of one shard is on one node.
    package init(_ configuration: RedisConfiguration, queueShards: Int? = nil, reactor: Reactor, logger: Logger) {
        self.init(configuration, queueShards: queueShards, dialer: RedisDialer(reactor: reactor), logger: logger)
    }

    init(_ configuration: RedisConfiguration, queueShards: Int? = nil, dialer: RedisDialer, logger: Logger) {
        self.init(
            configuration, RedisTopology(configuration, dialer: dialer, logger: logger), isFirst: true,
            queueShards: queueShards, logger: logger)
    }

    private init(
        _ configuration: RedisConfiguration, _ topology: RedisTopology, isFirst: Bool, queueShards: Int?, logger: Logger
    ) {
        self.configuration = configuration
        self.topology = topology
        self.isFirst = isFirst
        self.queueShards = queueShards
        self.logger = logger
        reactor = topology.reactor
        readiness = Latch(topology.reactor)
    }

    /// A router with connections of its own, opened when first needed: for commands that block theirs.
    ///
    /// It knows what this one knows, as long as this one runs; it runs, and is shut down, by itself.
    package nonisolated func sibling() -> RedisRouter {
        RedisRouter(configuration, topology, isFirst: false, queueShards: nil, logger: logger)
    }

    /// Connects and reconnects until shut down, then finishes the commands in flight and closes.
    ///
    /// A graceful shutdown of the task and `shutDown()` do the same; cancelling the task closes at once. It runs once.
    package func run() async {
        let id = ObjectIdentifier(self)
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                await topology.join(id) { [weak self] in self?.assumeIsolated { $0.adapt() } }
                if isFirst {
                    group.addTask { [topology] in
                        await topology.run { self.assumeIsolated { $0.isReady } }
                    }
                }
                for await client in clients { group.addTask { await client.run() } }
            }
        } onGracefulShutdown: {
            self.shutDown()
        }
        await topology.leave(id)
        stop()
    }

    /// Takes no more commands, waits for the replies that are due and ends `run`.
    ///
    /// Safe to call twice, from any thread.
    package nonisolated func shutDown() {
        reactor.submit { self.assumeIsolated { $0.stop() } }
    }

    /// Whether a command given now is written at once: a connection to the lone server, or to the owner of every slot.
    ///
    /// A sibling in a cluster is ready when every slot has an owner.
    package var isReady: Bool {
        if let lone { return lone.assumeIsolated { $0.isReady } }
        guard let map, map.uncovered == 0 else { return false }
        return !isFirst || map.masters.allSatisfy { nodes[$0]?.assumeIsolated { $0.isReady } ?? false }
    }

    /// The lone server's run id; of a cluster those of all masters, sorted and joined by commas.
    ///
    /// Nil while one of them is not known, and always of a sibling in a cluster. It changes when a master is restarted
    /// and when another node takes its place: writes may have been lost.
    package var serverRunID: String? {
        if let lone { return lone.assumeIsolated { $0.serverRunID } }
        guard let map, isFirst else { return nil }
        let ids = map.masters.compactMap { nodes[$0]?.assumeIsolated { $0.serverRunID } }
        return ids.count == map.masters.count ? ids.sorted().joined(separator: ",") : nil
    }

    /// Waits until `isReady`.
    package func ready(within limit: Duration) async throws(RedisError) {
        let deadline = ContinuousClock.now + limit
        while !isReady {
            if readiness.isOpen, !isStopping { readiness = Latch(reactor) }
            guard !isStopping, await readiness.wait(until: deadline) else {
                throw RedisError(.unavailable, "not ready: \(lastFailure)")
            }
        }
    }

    /// Sends one command from any thread; on the reactor's thread it is on its way when this returns.
    package nonisolated func submit(
        _ command: RedisCommand, within limit: Duration?,
        _ completion: @escaping @Sendable (Result<RedisValue, RedisError>) -> Void
    ) {
        if reactor.isCurrentThread {
            assumeIsolated { $0.take(command, within: limit, completion) }
        } else {
            reactor.submit { self.assumeIsolated { $0.take(command, within: limit, completion) } }
        }
    }

    // MARK: -

    private func take(
        _ command: RedisCommand, within limit: Duration?,
        _ completion: @escaping @Sendable (Result<RedisValue, RedisError>) -> Void
    ) {
        let now = ContinuousClock.now
        let deadline = now + (limit ?? configuration.commandTimeout)
        let refusal =
            if let lone {
                lone.assumeIsolated { client in
                    client.offer(command, started: now, deadline: deadline) { completion(RedisClient.value(of: $0)) }
                }
            } else {
                start(command, at: now, until: deadline) { completion(RedisClient.value(of: $0)) }
            }
        // Later, so that who tries again at once does not do so within itself.
        if let refusal { reactor.submit { completion(.failure(refusal)) } }
    }

    /// Makes use of what the topology has found out.
    private func adapt() {
        guard !isStopping else { return }
        switch topology.assumeIsolated({ $0.layout }) {
        case .unknown: return
        case .lone(let place):
            guard lone == nil else { return }
            let client = client(place)
            lone = client
            hand(over: parked, to: client)
        case .cluster(let new):
            warnOfOneShard()
            map = new
            for (address, client) in nodes where !new.masters.contains(address) { drop(address, client) }
            if isFirst {
                for address in new.masters { _ = node(at: address) }
            } else if nodes.count > 1 {
                for (address, client) in nodes where client.assumeIsolated({ $0.isIdle }) { drop(address, client) }
            }
            unpark(at: .now, nodesChanged: true)
        }
        readiness.open()
    }

    private func hand(over errands: Deque<RedisErrand>, to client: RedisClient) {
        (parked, parkedBytes, underWay) = ([], 0, 0)
        timer.cancel()
        for errand in errands {
            let refusal = client.assumeIsolated {
                $0.offer(errand.command, started: errand.started, deadline: errand.deadline, errand.complete)
            }
            if let refusal { errand.complete(.failure(refusal)) }
        }
    }

    private func client(_ place: RedisConfiguration, named name: String? = nil) -> RedisClient {
        var logger = logger
        if let name { logger[metadataKey: "node"] = "\(name)" }
        let client = RedisClient(place, dialer: topology.dialer, logger: logger) { [weak self] in
            self?.assumeIsolated { $0.nodeChanged() }
        }
        newClients.yield(client)
        return client
    }

    /// The client of a master, made when first asked for.
    func node(at address: RedisAddress) -> RedisClient {
        if let client = nodes[address] { return client }
        let client = client(configuration.at(address), named: "\(address)")
        nodes[address] = client
        return client
    }

    /// A master that can be reached now.
    var readyMaster: RedisAddress? {
        map?.masters.first { nodes[$0]?.assumeIsolated { $0.isReady } ?? false } ?? (isFirst ? nil : map?.masters.first)
    }

    /// Fires when something parked is due.
    var timer: DeadlineTimer {
        if let madeTimer { return madeTimer }
        let timer = DeadlineTimer(reactor) { [unowned self] now in
            self.unpark(at: now)
            return nil  // what is left has been covered
        }
        madeTimer = timer
        return timer
    }

    private func drop(_ address: RedisAddress, _ client: RedisClient) {
        client.shutDown()
        nodes[address] = nil
    }

    private func nodeChanged() {
        guard lone == nil, !isStopping else { return readiness.open() }
        unpark(at: .now, nodesChanged: true)
        if isFirst, !isReady { topology.assumeIsolated { $0.refresh() } }
        readiness.open()
    }

    private func stop() {
        guard !isStopping else { return }
        isStopping = true
        if isFirst { topology.assumeIsolated { $0.stop() } }
        lone?.shutDown()
        for client in nodes.values { client.shutDown() }
        newClients.finish()
        timer.cancel()
        let waiting = parked
        (parked, parkedBytes) = ([], 0)
        for errand in waiting { end(errand, .failure(RedisError(.unavailable, "the client is shut down"))) }
        readiness.open()
    }

    private var lastFailure: RedisError {
        if let lone { return lone.assumeIsolated { $0.lastFailure } }
        guard let map else { return topology.assumeIsolated { $0.lastFailure } }
        if map.uncovered > 0 { return RedisError(.unavailable, "\(map.uncovered) slots have no owner") }
        let away = map.masters.compactMap { nodes[$0] }.first { !$0.assumeIsolated { $0.isReady } }
        return away?.assumeIsolated { $0.lastFailure } ?? RedisError(.unavailable, "not connected yet")
    }

    private func warnOfOneShard() {
        if map == nil, queueShards == 1 {
            logger.warning(
                "the queue has one shard, so it is on one node of the cluster: set QUEUE_SHARDS, while it is empty, to 64"
            )
        }
    }
}
