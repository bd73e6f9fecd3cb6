/// Claims senders and settles them: a worker's side of the queue.
///
/// The functions live in Redis as the library `wa_v1`, which is loaded where it is missing (a first start, a failover).
package struct QueueClient: Sendable {
    let redis: any RedisService
    private let functions: RedisFunctionLibrary
    private let waiting: any RedisService
    package let keys: QueueKeys
    package let limits: QueueLimits

    /// Uses `redis` for calls and `waiting`, a connection of its own, for the one command that blocks.
    package init(redis: any RedisService, waiting: any RedisService, keys: QueueKeys, limits: QueueLimits) {
        self.redis = redis
        functions = RedisFunctionLibrary(redis: redis, source: .queue)
        self.waiting = waiting
        self.keys = keys
        self.limits = limits
    }

    /// What one call brought.
    package struct Turn: Sendable {
        package var claims: [QueueClaim]
        /// Senders whose settlement changed nothing, because their lease is another's now.
        package var stale: [String]
        /// When the next lease runs out or the next pause is over.
        package var nextDue: Duration?
        /// What this call did: leases reclaimed, duplicates dropped, messages given up on.
        package var reclaimed: Int
        package var duplicates: Int
        package var dead: Int
        /// An operator has stopped the shard: nothing was claimed, and nothing is worth waiting for.
        package var isPaused: Bool
    }

    /// Settles what finished and claims up to `senders` senders, in one round trip.
    ///
    /// It leaves at once: Redis claims the next while this turn's handlers run. Repeating a settlement is safe: its
    /// fence is no longer the current one. Not interrupted by cancellation, so
    /// that a worker that is being stopped can still give back what it holds.
    package func settleAndClaim(
        shard: Int, _ settlements: [QueueSettlement], senders: Int
    ) async throws(RedisError) -> Turn {
        var arguments: [RedisArgument] = [
            .init(Int(limits.lease.wholeMilliseconds)), .init(min(senders, limits.sendersPerClaim)),
            .init(limits.messagesPerClaim), .init(limits.drainedPerCall),
            .init(Int(limits.dedupWindow.wholeMilliseconds)), .init(limits.deliveries),
            .init(Int(limits.stateTTL.components.seconds)),
        ]
        for settlement in settlements { arguments += settlement.arguments }
        guard
            case .array(let reply) = try await functions.call(
                "wa_settle_claim", keys: [keys.prefix(shard)], arguments, atOnce: true), reply.count >= 7,
            let stale = reply[0].array, let claims = reply[1].array, let due = reply[2].int
        else {
            throw RedisError.ofAnotherRelease
        }
        return Turn(
            claims: try claims.map { value throws(RedisError) in try QueueClaim(shard: shard, value) },
            stale: stale.compactMap(\.string), nextDue: due < 0 ? nil : .milliseconds(due),
            reclaimed: reply[3].int ?? 0, duplicates: reply[4].int ?? 0, dead: reply[5].int ?? 0,
            isPaused: reply[6].int == 1)
    }

    /// Extends the leases of `held` and gives back the senders whose lease is lost.
    package func heartbeat(shard: Int, _ held: [(sender: String, fence: Int64)]) async throws(RedisError) -> [String] {
        var arguments: [RedisArgument] = [.init(Int(limits.lease.wholeMilliseconds))]
        for (sender, fence) in held { arguments += [.init(sender), .init(Int(fence))] }
        return (try await call("wa_heartbeat", shard, arguments).array ?? []).compactMap(\.string)
    }

    /// Waits until a message arrives on an empty shard, and stages it; calls back after `limit` in any case.
    package func wait(
        shard: Int, atMost limit: Duration, _ completion: @escaping @Sendable (Result<Bool, RedisError>) -> Void
    ) {
        let command = RedisCommand(
            "BLMOVE", .init(keys.ingress(shard)), .init(keys.stage(shard)), "LEFT", "RIGHT",
            .init(String(limit.inSeconds)))
        waiting.submit(command, within: limit + .seconds(2)) { result in completion(result.map { $0 != .null }) }
    }

    // MARK: Calling functions

    func call(_ function: String, _ shard: Int, _ arguments: [RedisArgument]) async throws(RedisError)
        -> RedisValue
    {
        try await functions.call(function, keys: [keys.prefix(shard)], arguments)
    }
}

extension QueueClaim {
    /// Reads `{sender, fence, deliveries, state, messages}`.
    init(shard: Int, _ value: RedisValue) throws(RedisError) {
        guard
            let fields = value.array, fields.count == 5, let sender = fields[0].string,
            let fence = fields[1].string.flatMap(Int64.init), let deliveries = fields[2].int,
            case .bytes(let state) = fields[3], let messages = fields[4].array
        else {
            throw RedisError.ofAnotherRelease
        }
        self.init(
            shard: shard, sender: sender, fence: fence, deliveries: deliveries, state: state.isEmpty ? nil : state,
            messages: messages.compactMap { if case .bytes(let bytes) = $0 { bytes } else { nil } })
    }
}

extension QueueClient {
    /// How old the queue's functions of this release are; a later release's have a higher number.
    package static var functionRevision: Int { RedisFunctionSource.queue.revision }
}

extension RedisFunctionSource {
    /// The queue's own functions.
    static let queue = RedisFunctionSource(PackageResources.wa_v1_lua, revisionFunction: "wa_revision")
}
