import Common

/// Puts envelopes back on the queue, in the order given for each sender, and not faster than it has room.
struct ReplayBatches {
    /// Envelopes in one call, which Redis carries out in one step.
    private static let batch = 100
    private static let batchBytes = 1 << 20
    /// How long the queue may stay too full before it is called stuck.
    static let patience = Duration.seconds(300)

    private let connected: ConnectedQueue
    /// How many may wait in a shard before no more are pushed.
    private let room: Int
    private let patience: Duration
    private var waiting: [Int: [[UInt8]]] = [:]
    private var bytes = 0

    /// Pushes while less waits than half of what a shard takes: passengers go on being heard meanwhile.
    init(_ connected: ConnectedQueue, patience: Duration = Self.patience) {
        self.connected = connected
        self.patience = patience
        room = connected.queue.limits.softWaiting
    }

    mutating func add(_ envelope: [UInt8], of sender: String) async throws {
        let shard = connected.keys.shard(of: sender)
        waiting[shard, default: []].append(envelope)
        bytes += envelope.count
        if waiting[shard]?.count == Self.batch || bytes >= Self.batchBytes { try await flush() }
    }

    /// Pushes what is left.
    mutating func flush() async throws {
        for (shard, envelopes) in waiting {
            try await waitForRoom(shard)
            _ = try await connected.queue.replay(shard: shard, envelopes)
            waiting[shard] = nil
        }
        bytes = 0
    }

    private func waitForRoom(_ shard: Int) async throws {
        let deadline = ContinuousClock.now + patience
        while case let depth = try await connected.queue.stats(shard: shard).waiting, depth > room {
            guard .now < deadline else {
                throw UnreachableServer(
                    "The queue does not drain: \(depth) messages wait in shard \(shard). Are workers running, or is it paused (operator queue stats)? What was replayed so far is on the queue; running this again goes on."
                )
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
