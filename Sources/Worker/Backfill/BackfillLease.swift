package import Common

/// The right to read the provider's list, and how far it has been read: one row for all workers.
///
/// Times are those of the database's clock, so that workers need not agree on theirs.
package struct BackfillLease: Sendable {
    /// Who reads, as others are told of it.
    package let owner: String
    private let postgres: PostgresClient
    private let duration: Duration

    package init(owner: String, postgres: PostgresClient, duration: Duration) {
        self.owner = owner
        self.postgres = postgres
        self.duration = duration
    }

    package enum Attempt: Hashable, Sendable {
        /// Ours; `isFirst` when nobody has ever read before.
        case taken(readUntil: Timestamp, isFirst: Bool)
        /// Somebody reads, until then at least.
        case held(by: String, for: Duration)
        /// It was read less than the asked-for time ago.
        case recent
    }

    /// Takes the lease if nobody has it and the last round is at least `age` old.
    package func take(unlessReadWithin age: Duration = .zero) async throws(BackfillError) -> Attempt {
        let statement: SQL = """
            INSERT INTO backfill_watermark AS w (read_until, owner, leased_until)
            VALUES (now(), \(owner), now() + make_interval(secs => \(duration.inSeconds)))
            ON CONFLICT (singleton) DO UPDATE
               SET owner = excluded.owner, leased_until = excluded.leased_until
             WHERE (w.leased_until IS NULL OR w.leased_until <= now() OR w.owner = excluded.owner)
               AND w.updated_at <= now() - make_interval(secs => \(age.inSeconds))
            RETURNING read_until, xmax = 0
            """
        let look: SQL = """
            SELECT owner, extract(epoch FROM leased_until - now())::double precision FROM backfill_watermark
             WHERE leased_until > now() AND owner IS NOT NULL
            """
        do {
            if let row = try await postgres.unit(statement.named("backfill_take")).rows.first {
                return .taken(readUntil: try row.column(0), isFirst: try row.column(1))
            }
            guard let row = try await postgres.unit(look.named("backfill_look")).rows.first else { return .recent }
            let left: Double = try row.column(1)
            return .held(by: try row.column(0), for: .milliseconds(Int64(max(0, left) * 1000)))
        } catch { throw .database(error) }
    }

    /// Keeps it for another while; false when it is another's by now.
    package func renew() async throws(BackfillError) -> Bool {
        try await change(
            """
            UPDATE backfill_watermark SET leased_until = now() + make_interval(secs => \(duration.inSeconds))
             WHERE owner = \(owner) AND leased_until > now()
            """)
    }

    /// Records a finished round; false when the lease was lost.
    ///
    /// The watermark only ever moves forward.
    package func advance(to readUntil: Timestamp) async throws(BackfillError) -> Bool {
        try await change(
            """
            UPDATE backfill_watermark SET read_until = greatest(read_until, \(readUntil)), updated_at = now()
             WHERE owner = \(owner) AND leased_until > now()
            """)
    }

    /// Gives it back; also in a task that has been cancelled.
    package func release() async {
        _ = try? await change(
            "UPDATE backfill_watermark SET owner = NULL, leased_until = NULL WHERE owner = \(owner)")
    }

    /// Runs `body` while the lease is renewed beside it, and gives it back in any case.
    ///
    /// Throws `leaseLost`, and cancels `body`, when another reader took over.
    package func held<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async throws -> R {
        let result: Result<R, any Error>
        do {
            result = .success(
                try await withThrowingTaskGroup(of: R?.self) { group in
                    group.addTask { try await body() }
                    group.addTask {
                        try await keep()
                        return nil
                    }
                    defer { group.cancelAll() }
                    guard let first = try await group.next(), let finished = first else {
                        throw BackfillError.leaseLost
                    }
                    return finished
                })
        } catch { result = .failure(error) }
        await release()
        return try result.get()
    }

    /// Renews until cancelled; returns when the lease is lost.
    private func keep() async throws {
        var renewed = ContinuousClock.now
        while true {
            try await Task.sleep(for: duration / 3)
            do {
                guard try await renew() else { return }
                renewed = .now
            } catch {
                // The database may come back in time.
                if .now - renewed > duration { return }
            }
        }
    }

    private func change(_ statement: SQL) async throws(BackfillError) -> Bool {
        do { return try await postgres.unit(statement.named("backfill_lease")).affected == 1 } catch {
            throw .database(error)
        }
    }
}
