import Common
import Logging

extension Drain {
    /// How long deliveries on their way are waited for once the drain is to stop; a process has ten seconds.
    private static let patience: Duration = .seconds(5)
    /// How long a sink may take for one delivery before it is called off: far more than what it sets itself.
    private static let longestDelivery: Duration = .seconds(60)
    /// How often a long delivery is looked after.
    private static let beat: Duration = .milliseconds(500)

    /// Has a prompt sink publish batches that follow the cursors, beside other deliveries; any other one as below.
    func deliverSoon(_ batches: [ShardBatch], of log: UUID) async -> SinkReport {
        guard sink.isPrompt else { return await deliver(batches, of: log) }
        if batches.isEmpty { return SinkReport() }
        let window = openWindow()
        defer { delivery.ended(window) }
        return await sink.publish(batches, of: log, within: window)
    }

    private func openWindow() -> PublishWindow { delivery.open(for: min(.seconds(5), log.lease / 3)) }

    /// Has the sink publish batches, and keeps the leases meanwhile.
    func deliver(_ batches: [ShardBatch], of log: UUID) async -> SinkReport {
        if batches.isEmpty { return SinkReport() }
        let window = openWindow()
        defer { delivery.ended(window) }
        return await withTaskGroup(of: SinkReport?.self) { group in
            group.addTask { await self.sink.publish(batches, of: log, within: window) }
            group.addTask {
                await self.keepLeases()
                return nil
            }
            var report: SinkReport?
            // The second to end is the one that lost: the leases' keeper, cancelled, or a publisher out of time.
            for await ended in group {
                if let ended { report = ended }
                group.cancelAll()
            }
            return report ?? SinkReport()
        }
    }

    /// Renews leases in time until cancelled, or until the delivery is overdue.
    private func keepLeases() async {
        let end = ContinuousClock.now + Self.longestDelivery
        while !Task.isCancelled, .now < end, !delivery.isOverdue(Self.patience) {
            try? await Task.sleep(for: Self.beat)
            guard !Task.isCancelled, let last = renewed, .now >= last + log.lease / 3 else { continue }
            let start = ContinuousClock.now
            do throws(PostgresError) {
                moved(to: try await leases.renew(Array(held.values)).places)
                renewed = start
                nextLeaseTurn = .now
            } catch {
                logger.warning("leases could not be renewed", metadata: ["error": "\(error)"])
            }
        }
    }
}
