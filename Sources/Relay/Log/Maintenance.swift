import Common
import Logging
import ServiceLifecycle

/// Makes the log's partitions ahead of time and drops those that are old and published, every hour.
///
/// All relays do it; the database lets one at a time.
struct Maintenance: Service {
    /// How long after a failure it is tried again.
    static let retry: Duration = .seconds(60)

    let postgres: PostgresClient
    let logger: Logger
    var every: Duration = .seconds(3600)

    func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: await maintain() ? every : Self.retry)
            }
        }
    }

    /// Runs it once; gives back whether it worked.
    private func maintain() async -> Bool {
        do throws(PostgresError) {
            var isHeld = false
            for row in try await postgres.unit("SELECT action, partition FROM outbox_maintain()").rows {
                let (action, partition): (String, String) = (try row.column(0), try row.column(1))
                let level: Logger.Level = action.hasPrefix("held") ? .warning : .info
                isHeld = isHeld || level == .warning
                logger.log(
                    level: level, "outbox partition \(action)", metadata: ["partition": "\(partition)"])
            }
            if isHeld { try await nameTheAbandoned() }
            return true
        } catch {
            logger.warning("the outbox's partitions were not looked after", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// A sink that no relay serves holds partitions for ever.
    private func nameTheAbandoned() async throws(PostgresError) {
        let sql: SQL = """
            SELECT DISTINCT sink FROM outbox_cursors c
            WHERE NOT EXISTS (SELECT FROM outbox_relays r WHERE r.sink = c.sink AND r.lease_until > clock_timestamp())
            """
        for row in try await postgres.unit(sql.named("outbox_abandoned")).rows {
            let sink: String = try row.column(0)
            logger.warning(
                "no relay serves this sink: name it in RELAY_SINKS, or operator outbox forget --sink \(sink)",
                metadata: ["sink": "\(sink)"])
        }
    }
}
