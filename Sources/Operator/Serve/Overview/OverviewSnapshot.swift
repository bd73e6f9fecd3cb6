import Common

/// All that the overview tells, at one moment; what cannot be asked says why.
struct OverviewSnapshot: Sendable {
    /// What was asked for, or why it is not there.
    enum Answer<Value: Sendable>: Sendable {
        case there(Value)
        case away(String)

        var value: Value? { if case .there(let value) = self { value } else { nil } }
        var problem: String? { if case .away(let problem) = self { problem } else { nil } }
    }

    let at: Timestamp
    let queue: Answer<QueueOverview>
    let workers: Answer<WorkersOverview>
    /// Dead letters that nobody has dealt with yet.
    let openLetters: Answer<Int>
    let outbox: Answer<OutboxOverview>
}

/// Asks Redis and Postgres for a snapshot, side by side, and never longer than a few seconds.
struct OverviewReader: Sendable {
    private let servers: ConnectedOperator
    /// The log is counted more rarely than the rest: after an outage of a sink there is much to count.
    private let outbox = Locked<(at: ContinuousClock.Instant, overview: OutboxOverview)?>(nil)

    private static let outboxInterval = Duration.seconds(4)
    /// How long a server that is not connected is waited for.
    private static let patience = Duration.milliseconds(500)

    init(_ servers: ConnectedOperator) { self.servers = servers }

    func snapshot() async -> OverviewSnapshot {
        async let redis = redis()
        async let postgres = postgres()
        let ((queue, workers), (letters, outbox)) = await (redis, postgres)
        return OverviewSnapshot(at: .now, queue: queue, workers: workers, openLetters: letters, outbox: outbox)
    }

    /// The queue alone, for the record of rates; nil while Redis is away.
    func queue() async -> QueueOverview? {
        guard await servers.queue.redis.isReady else { return nil }
        return try? await QueueOverview(of: Array(servers.queue.keys.all), in: servers.queue.queue)
    }

    private func redis() async -> (OverviewSnapshot.Answer<QueueOverview>, OverviewSnapshot.Answer<WorkersOverview>) {
        do throws(RedisError) {
            try await servers.queue.redis.ready(within: Self.patience)
            let queue = try await QueueOverview(of: Array(servers.queue.keys.all), in: servers.queue.queue)
            let workers = WorkersOverview(try await WorkerRegistry(redis: servers.queue.redis).all())
            return (.there(queue), .there(workers))
        } catch {
            let problem = ConsoleProblem(error).text
            return (.away(problem), .away(problem))
        }
    }

    private func postgres() async -> (OverviewSnapshot.Answer<Int>, OverviewSnapshot.Answer<OutboxOverview>) {
        do throws(PostgresError) {
            try await servers.postgres.ready(within: Self.patience)
            let sql: SQL = "SELECT count(*) FROM dead_letters WHERE replayed_at IS NULL AND discarded_at IS NULL"
            let letters: Int = try await servers.postgres.unit(
                sql.named("operator_dead_open"), within: .seconds(3)
            ).rows[0].column(0)
            return (.there(letters), .there(try await outboxOverview()))
        } catch {
            let problem = ConsoleProblem(error).text
            return (.away(problem), .away(problem))
        }
    }

    private func outboxOverview() async throws(PostgresError) -> OutboxOverview {
        let now = ContinuousClock.now
        if let known = outbox.withLock({ $0 }), now - known.at < Self.outboxInterval { return known.overview }
        let overview = try await OutboxOverview(of: nil, on: servers.postgres)
        outbox.withLock { $0 = (now, overview) }
        return overview
    }
}

/// What a page says of a failure, with what to do about it.
struct ConsoleProblem: Sendable {
    let text: String

    init(_ error: any Error) {
        switch error {
        case let error as RedisError:
            text =
                error.serverPrefix == nil
                ? "Redis cannot be reached (\(error)). This page goes on by itself when it is back."
                : "Redis refuses: \(error)"
        case let error as PostgresError:
            switch error.code {
            case .server(let state, _) where state.hasPrefix("42"):
                text = "The database has another schema than this release needs (\(error)): run operator migrate up."
            case .unavailable, .timedOut, .connectionLost:
                text = "The database cannot be reached (\(error)). This page goes on by itself when it is back."
            case .server, .undecodable, .unencodable, .resultTooLarge: text = "The database refuses: \(error)"
            }
        case let error as any OperatorFailure & CustomStringConvertible: text = error.description
        case _: text = "This did not work: \(error)"
        }
    }
}
