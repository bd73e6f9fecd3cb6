import Common
import Logging
import ServiceLifecycle

/// Deletes the files of tickets that are no longer needed: of claims that were never made after an idle conversation
/// is forgotten, of others after `RETENTION_DAYS`.
///
/// Every worker does, a few rows at a time; what one has locked another passes over.
struct TicketRetention: Service {
    let postgres: PostgresClient
    /// How long an idle conversation is remembered, and with it the claim being made.
    let drafts: Duration
    let claims: Duration
    let logger: Logger

    private static let interval = Duration.seconds(3600)
    private static let rowsAtOnce = 100

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Those who start together do not look together.
            try? await Task.sleep(for: .seconds(Int64.random(in: 5...300)))
            while !Task.isCancelled {
                await round()
                try? await Task.sleep(for: Self.interval)
            }
        }
        try await gracefulShutdown()
    }

    private func round() async {
        do {
            while try await delete(now: .now) == Self.rowsAtOnce {}
        } catch {
            logger.warning("old tickets could not be deleted: tried again in an hour", metadata: ["cause": "\(error)"])
        }
    }

    /// Deletes some; gives back how many.
    func delete(now: Timestamp) async throws(PostgresError) -> Int {
        let deleted: SQL = """
            DELETE FROM claim_media WHERE id IN (
              SELECT id FROM claim_media
               WHERE created_at < \(now - min(drafts, claims)) AND (claim_id IS NULL OR created_at < \(now - claims))
               ORDER BY created_at LIMIT \(Self.rowsAtOnce) FOR UPDATE SKIP LOCKED)
            """
        return try await postgres.unit(deleted.named("expire_tickets")).affected
    }
}
