package import Logging
import ServiceLifecycle

/// Keeps the ledger of dead letters up to date: at start, whenever a message was given up on, and every 30 seconds.
package struct DeadLetterRecorder: Service {
    private let ledger: DeadLetterLedger
    private let shards: [Int]
    private let interval: Duration
    private let logger: Logger
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    package init(
        _ ledger: DeadLetterLedger, shards: [Int], every interval: Duration = .seconds(30), logger: Logger
    ) {
        self.ledger = ledger
        self.shards = shards
        self.interval = interval
        self.logger = logger
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Has it look soon; from any thread.
    package func look() { wakeUp.yield() }

    /// Looks again and again until shut down; what it could not record then is recorded by the next worker.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await tick() }
                await record()
                group.cancelAll()
            }
        }
        try? await gracefulShutdown()
    }

    private func tick() async {
        while !Task.isCancelled {
            wakeUp.yield()
            try? await Task.sleep(for: interval)
        }
    }

    /// Says which message was given up on, under its own correlation id.
    private func note(_ letter: DeadLetter) {
        var metadata: Logger.Metadata = [
            "message_sid": "\(letter.messageSID)", "reason": "\(letter.reason)",
            "deliveries": .stringConvertible(letter.deliveries),
        ]
        if let id = letter.correlationID { metadata["correlation_id"] = "\(id)" }
        metadata.add(letter.message?.trace)
        logger.error("a message was given up on", metadata: metadata)
    }

    private func record() async {
        var marks: [Int: [UInt8]] = [:]
        var isFailing = false
        for await _ in wakeUps {
            do {
                var recorded = 0
                var noted = 0
                for shard in shards where !Task.isCancelled {
                    let pass = try await ledger.copy(shard: shard, downTo: marks[shard])
                    marks[shard] = pass.newest ?? marks[shard]
                    recorded += pass.recorded
                    // At once: a shard that cannot be asked must not keep the others' from being told.
                    for letter in pass.letters.prefix(DeadLetterLedger.noted - noted) { note(letter) }
                    noted += min(pass.letters.count, DeadLetterLedger.noted - noted)
                }
                isFailing = false
                if recorded > 0 {
                    logger.warning(
                        "recorded dead letters: see operator dead list", metadata: ["letters": "\(recorded)"])
                }
            } catch {
                if !isFailing {
                    logger.warning("dead letters cannot be recorded yet", metadata: ["cause": "\(error)"])
                }
                isFailing = true
            }
        }
    }
}
