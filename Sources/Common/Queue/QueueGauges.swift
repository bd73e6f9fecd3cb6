import CoreMetrics
package import Logging
import ServiceLifecycle

/// Shows how much waits in the queue, and for how long: asked of Redis now and then, over all shards.
///
/// Ingest and every worker show the same, so that what waits is seen when no worker runs; what is alerted on is the
/// largest.
package struct QueueGauges: Service {
    private let queue: QueueClient
    private let clock: @Sendable () -> Timestamp
    private let interval: Duration
    private let logger: Logger
    private let lengths = ["in", "stage", "ready", "delay", "lease", "dead", "held"].map { list in
        Meter(label: MetricName.queueDepth.rawValue, dimensions: [("list", list)])
    }
    private let oldest = Meter(label: MetricName.queueOldest.rawValue)
    private let paused = Meter(label: MetricName.queuePaused.rawValue)

    /// `interval` is the time between two looks; a look costs Redis a fraction of a millisecond a shard.
    package init(
        _ queue: QueueClient, every interval: Duration = .seconds(1),
        clock: @escaping @Sendable () -> Timestamp = { .now }, logger: Logger
    ) {
        self.queue = queue
        self.interval = interval
        self.clock = clock
        self.logger = logger
    }

    /// Looks every `interval` until it is told to stop.
    ///
    /// Of a shard that cannot be asked what it said last is shown, and what waited there grows older.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var known: [Int: QueueStatistics] = [:]
            while !Task.isCancelled {
                for shard in 0..<queue.keys.shards {
                    do { known[shard] = try await queue.stats(shard: shard) } catch {
                        logger.debug(
                            "a shard's lengths are not to be had", metadata: ["shard": "\(shard)", "cause": "\(error)"])
                    }
                }
                if !known.isEmpty { show(known.values) }
                try? await Task.sleep(for: interval)
            }
        }
    }

    private func show(_ shards: some Sequence<QueueStatistics>) {
        var sums = [Int](repeating: 0, count: lengths.count)
        var first: Timestamp?
        var pausedShards = 0
        for stats in shards {
            let counts = [
                stats.ingress, stats.staged, stats.ready, stats.delayed, stats.leased, stats.dead, stats.held,
            ]
            for (index, count) in counts.enumerated() { sums[index] += count }
            if let oldest = stats.oldest { first = min(first ?? oldest, oldest) }
            if stats.isPaused { pausedShards += 1 }
        }
        for (meter, sum) in zip(lengths, sums) { meter.set(sum) }
        oldest.set(first.map { max(0, (clock() - $0).inSeconds) } ?? 0)
        paused.set(pausedShards)
    }
}
