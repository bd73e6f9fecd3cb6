import Common

/// Looks at the queue, twice, to see whether anything moves.
struct QueueObserver: Sendable {
    let servers: DoctorServers

    /// Workers renew leases every third of one; a healthy queue moves sooner.
    private static let looks = 8
    private static let pause = Duration.milliseconds(250)
    /// Up to how many leases are compared.
    private static let leases = 64

    /// What moves when workers work.
    private struct Motion: Hashable {
        var finished: Int
        var leases: [String]
    }

    func checks() async throws -> [any DoctorCheck] {
        let queue = try await servers.redis()
        let first = try await statistics(queue)
        let before = try await motion(queue, first)
        var (last, isMoving) = (first, false)
        var idle = try await idleWorkers(queue)
        for _ in 0..<Self.looks where !isMoving {
            // Nothing to be seen moving, and somebody who waits: that is enough.
            if first.allSatisfy({ $0.waiting == 0 }), idle ?? 1 > 0 { break }
            try await Task.sleep(for: Self.pause)
            last = try await statistics(queue)
            isMoving = try await motion(queue, last) != before
            if idle == 0 { idle = try await idleWorkers(queue) }
        }
        let paused = last.indices.filter { last[$0].isPaused }
        let waiting = last.reduce(0) { $0 + $1.waiting }
        let oldest = last.compactMap(\.oldest).min().map { max(.zero, .now - $0) }
        return [
            WorkersCheck(
                waiting: waiting, leased: last.reduce(0) { $0 + $1.leased }, isMoving: isMoving, idle: idle,
                isPaused: paused.count == last.count),
            QueueDepthCheck(
                waiting: waiting, fullest: last.map(\.waiting).max() ?? 0, oldest: oldest,
                isPaused: paused.count == last.count, limit: queue.queue.limits.waiting),
            QueuePauseCheck(paused: paused, shards: last.count),
        ]
    }

    private func statistics(_ queue: ConnectedQueue) async throws(RedisError) -> [QueueStatistics] {
        var all: [QueueStatistics] = []
        for shard in queue.keys.all { all.append(try await queue.queue.stats(shard: shard)) }
        return all
    }

    private func motion(_ queue: ConnectedQueue, _ statistics: [QueueStatistics]) async throws -> Motion {
        let leases = try await QueueReader(queue).timed(
            "lease", Array(queue.keys.all), Self.leases
        ).entries.map { sender in
            guard case .leased(let until) = sender.place else { return "" }
            return "\(sender.fence) \(until.microseconds)"
        }
        return Motion(
            finished: statistics.reduce(0) { $0 + $1.doneTotal + $1.deadTotal + $1.drainedTotal },
            leases: leases.sorted())
    }

    /// Connections of ours that wait in BLMOVE; nil when Redis does not let us see clients.
    private func idleWorkers(_ queue: ConnectedQueue) async throws(RedisError) -> Int? {
        do {
            let lists = try await queue.redis.sendToEach(RedisCommand("CLIENT", "LIST"), within: .seconds(5))
            return lists.reduce(0) { count, list in
                count + (list.string ?? "").split(separator: "\n").count { $0.contains(" cmd=blmove ") }
            }
        } catch {
            if error.serverPrefix == nil { throw error }
            return nil
        }
    }
}
