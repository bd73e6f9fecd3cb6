/// The advisory lock that lets one run at a time at a schema; it ends with the session.
///
/// Tried again and again rather than waited for: a waiting statement holds a snapshot, which an index being built
/// concurrently would wait for in turn.
enum MigrationLock {
    private static let pause = Duration.milliseconds(200)
    private static let reportEvery = Duration.seconds(5)

    /// Takes the lock of `schema`; throws `.locked` when that takes longer than `limit`.
    static func take(
        _ session: PostgresSession, _ schema: String, within limit: Duration,
        _ report: (MigrationProgress) -> Void
    ) async throws(MigrationError) {
        let name = "whatsapp-handler migrations of \(schema)"
        let start = ContinuousClock.now
        var nextReport = start
        while try await !isTaken(session, name) {
            let now = ContinuousClock.now
            let isOver = now - start >= limit || Task.isCancelled
            if isOver || now >= nextReport {
                let holder = try await holder(session, name)
                if isOver { throw .locked(limit, holder: holder) }
                report(.waitingForLock(now - start, holder: holder))
                nextReport = now + reportEvery
            }
            try? await Task.sleep(for: pause)
        }
    }

    private static func isTaken(_ session: PostgresSession, _ name: String) async throws(MigrationError) -> Bool {
        do {
            let answer = try await session.query("SELECT pg_try_advisory_lock(hashtextextended(\(name), 0))")
            return try answer.rows.first?.column(0, as: Bool.self) ?? false
        } catch { throw .database(error) }
    }

    private static func holder(_ session: PostgresSession, _ name: String) async throws(MigrationError) -> String? {
        let query: SQL = """
            SELECT format('server process %s%s', a.pid, coalesce(', from ' || a.client_addr, '')) FROM pg_locks l
            JOIN pg_stat_activity a USING (pid), hashtextextended(\(name), 0) AS key
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.database = (
                SELECT oid FROM pg_database WHERE datname = current_database())
            AND l.classid = ((key >> 32) & 4294967295)::oid AND l.objid = (key & 4294967295)::oid
            """
        do {
            return try await session.query(query).rows.first?.column(0, as: String?.self) ?? nil
        } catch { throw .database(error) }
    }
}
