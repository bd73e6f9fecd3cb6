import Logging

/// What is known of the servers behind one configuration: a lone one, or which node of a cluster serves which slot.
///
/// It asks over connections of its own, each closed after its question: one question at a time, at most ten a second,
/// when somebody wants it and once a minute. Shared by the routers of a process.
actor RedisTopology {
    enum Layout: Sendable {
        case unknown
        case lone(RedisConfiguration)
        case cluster(RedisSlotMap)
    }

    /// The least time between two questions.
    private static let leastPause: Duration = .milliseconds(100)
    /// As long as something is amiss, and when all is well.
    private static let (unwellPause, longestPause): (Duration, Duration) = (.milliseconds(500), .seconds(60))
    /// For one node to connect and answer, once the cluster is known.
    private static let patience: Duration = .seconds(1)
    /// Nodes that are asked before a view that is not whole is taken.
    private static let opinions = 3
    /// As when a lost connection is replaced.
    private static let startBackoff = Backoff(base: .milliseconds(50), cap: .seconds(5))
    private static let refreshBackoff = Backoff(base: .milliseconds(50), cap: .milliseconds(500))

    nonisolated let reactor: Reactor
    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }
    nonisolated let dialer: RedisDialer

    private let configuration: RedisConfiguration
    private let logger: Logger
    private(set) var layout = Layout.unknown
    private(set) var lastFailure = RedisError(.unavailable, "not connected yet")
    private var epoch = 0
    /// Who gave the last answer.
    private var witness: RedisAddress?
    private var listeners: [ObjectIdentifier: @Sendable () -> Void] = [:]
    private let stopping: Latch
    private var wanted: Latch

    init(_ configuration: RedisConfiguration, dialer: RedisDialer, logger: Logger) {
        self.configuration = configuration
        self.dialer = dialer
        self.logger = logger
        reactor = dialer.reactor
        stopping = Latch(dialer.reactor)
        wanted = Latch(dialer.reactor)
    }

    /// Keeps the layout up to date until `stop`, or until the task is cancelled; of a lone server it is found once.
    ///
    /// `isWell` tells whether the nodes of the layout can be reached: otherwise it may be about to change.
    func run(isWell: @Sendable () -> Bool) async {
        var failures = 0
        while !stopping.isOpen, !Task.isCancelled {
            wanted = Latch(reactor)
            do throws(RedisError) {
                adopt(try await survey())
                failures = 0
            } catch {
                lastFailure = error
                if stopping.isOpen || Task.isCancelled { break }
                logger.log(
                    level: failures % 10 == 0 ? .warning : .debug, "redis cannot be reached",
                    metadata: ["error": "\(error)", "attempt": "\(failures + 1)"])
                failures += 1
            }
            switch layout {
            case .unknown: _ = await stopping.wait(until: .now + Self.startBackoff.delay(attempt: failures - 1))
            case .lone: _ = await stopping.wait()
            case .cluster:
                let pause = Self.leastPause + (failures > 0 ? Self.refreshBackoff.delay(attempt: failures) : .zero)
                _ = await stopping.wait(until: .now + pause)
                if failures == 0, !stopping.isOpen {
                    _ = await wanted.wait(until: .now + (isWell() ? Self.longestPause : Self.unwellPause))
                }
            }
        }
    }

    /// Ends `run`; safe to call twice.
    func stop() {
        stopping.open()
        wanted.open()
    }

    /// Asks soon: what is known has been found wrong.
    func refresh() { wanted.open() }

    /// Takes a node's word for the owner of one slot, until all is asked for again, soon.
    func moved(_ slot: Int, to address: RedisAddress) {
        refresh()
        guard case .cluster(var map) = layout else { return }
        let isNews = map.move(slot, to: address)
        layout = .cluster(map)
        if isNews { tell() }
    }

    /// Calls `listener` after each change of the layout, until `leave`.
    func join(_ member: ObjectIdentifier, _ listener: @escaping @Sendable () -> Void) {
        listeners[member] = listener
        listener()
    }

    func leave(_ member: ObjectIdentifier) { listeners[member] = nil }

    /// Where somebody may connect who is content with any node; each attempt is sent to another one.
    func place(_ attempt: Int) -> RedisConfiguration {
        switch layout {
        case .unknown: configuration.seeds[attempt % configuration.seeds.count]
        case .lone(let place): place
        case .cluster(let map):
            configuration.at((map.masters + map.replicas)[attempt % (map.masters.count + map.replicas.count)])
        }
    }

    // MARK: -

    private func tell() {
        for listener in listeners.values { listener() }
    }

    private func adopt(_ found: Layout) {
        switch found {
        case .unknown: return
        case .lone: break
        case .cluster(let map):
            if case .cluster(let known) = layout, known.isSame(as: map) { return }
            logger.notice(
                "redis cluster",
                metadata: [
                    "masters": "\(map.masters.count)", "replicas": "\(map.replicas.count)",
                    "uncovered_slots": "\(map.uncovered)", "epoch": "\(epoch)",
                ])
        }
        layout = found
        tell()
    }

    /// Asks one node after the other until one knows the cluster whole and no older than what is known here.
    ///
    /// A node that was cut off tells what it last heard: others are asked too, and the latest word counts.
    private func survey() async throws(RedisError) -> Layout {
        var best: (map: RedisSlotMap, epoch: Int, witness: RedisAddress)?
        var failure = lastFailure
        var answers = 0
        places: for place in places {
            if stopping.isOpen || Task.isCancelled { break }
            do throws(RedisError) {
                switch try await ask(place) {
                case .lone(let server):
                    guard case .unknown = layout, configuration.otherAddresses.isEmpty else {
                        throw RedisError(.unavailable, "\(place.endpoint) is no node of a cluster")
                    }
                    return .lone(server)
                case .cluster(let map, let age, let isWell):
                    let address = RedisAddress(host: place.host, port: place.port)
                    if age > best?.epoch ?? -1 { best = (map, age, address) }
                    answers += 1
                    if isWell && age >= epoch || answers == Self.opinions { break places }
                }
            } catch {
                failure = error
                if witness == RedisAddress(host: place.host, port: place.port) { witness = nil }
            }
        }
        guard let best else { throw failure }
        (epoch, witness) = (best.epoch, best.witness)
        return .cluster(best.map)
    }

    /// Whom to ask: who answered last, then the nodes in any order, then what the configuration names.
    private var places: [RedisConfiguration] {
        guard case .cluster(let map) = layout else { return configuration.seeds }
        var places: [RedisConfiguration] = []
        for address in [witness].compactMap(\.self) + (map.masters + map.replicas).shuffled() {
            let place = configuration.at(address)
            if !places.contains(where: { $0.endpoint == place.endpoint }) { places.append(place) }
        }
        places += configuration.seeds.filter { seed in !places.contains { $0.endpoint == seed.endpoint } }
        return places.map { place in
            var place = place
            place.connectTimeout = min(Self.patience, place.connectTimeout)
            return place
        }
    }

    private enum Answer {
        case lone(RedisConfiguration)
        case cluster(RedisSlotMap, epoch: Int, isWell: Bool)
    }

    private func ask(_ place: RedisConfiguration) async throws(RedisError) -> Answer {
        let connection = try await dialer.open(place).connection
        defer { connection.close(RedisError(.unavailable, "asked")) }
        let replies = try await connection.send(
            [RedisCommand("CLUSTER", "INFO"), RedisCommand("CLUSTER", "SLOTS")],
            until: .now + min(Self.patience, place.connectTimeout))
        if case .error(let text) = replies[1] {
            let error = RedisError(reply: text)
            // Not built for it, switched off, taken away, or not ours to ask.
            guard error.serverPrefix == "ERR" || error.serverPrefix == "NOPERM" else { throw error }
            return .lone(place)
        }
        guard let map = RedisSlotMap(replies[1], askedOf: place.host) else {
            throw RedisError(.unexpectedReply, "CLUSTER SLOTS answered in another form than this release reads")
        }
        guard !map.masters.isEmpty else { throw RedisError(.unavailable, "the cluster has no slots yet") }
        let lines = replies[0].string?.split(whereSeparator: \.isNewline) ?? []
        let epoch = lines.first { $0.hasPrefix("cluster_current_epoch:") }
            .flatMap { Int($0.dropFirst("cluster_current_epoch:".count)) }
        return .cluster(map, epoch: epoch ?? 0, isWell: lines.contains("cluster_state:ok"))
    }
}
