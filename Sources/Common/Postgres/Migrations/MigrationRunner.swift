package import Logging

/// Applies and reverts migrations, one transaction a file, one run at a time in each schema.
///
/// Runs that start together wait for each other on an advisory lock of their sessions, and each then finds what is
/// left to do. The lock needs a connection of its own: not through a pooler that shares connections by transaction.
package struct MigrationRunner: Sendable {
    /// How far to go back.
    package enum Extent: Sendable {
        case steps(Int)
        /// All above this version; 0 for all.
        case downTo(Int)
    }

    private let configuration: PostgresConfiguration
    private let migrations: [Migration]
    private let reactor: Reactor
    private let logger: Logger
    private let lockWait: Duration
    private let fileTimeout: Duration
    private let report: @Sendable (MigrationProgress) -> Void

    /// Takes the migrations to run; `lockWait` is for another run to end, `fileTimeout` for each file.
    package init(
        _ migrations: [Migration], on configuration: PostgresConfiguration, reactor: Reactor, logger: Logger,
        lockWait: Duration = .seconds(120), fileTimeout: Duration = .seconds(900),
        report: @escaping @Sendable (MigrationProgress) -> Void = { _ in }
    ) {
        var configuration = configuration
        configuration.applicationName += " migrate"
        configuration.statementTimeout = fileTimeout
        // Who waits for a lock on a table lets nobody else at it meanwhile.
        configuration.settings["lock_timeout"] = "10s"
        self.configuration = configuration
        self.migrations = migrations
        self.reactor = reactor
        self.logger = logger
        self.lockWait = lockWait
        self.fileTimeout = fileTimeout
        self.report = report
    }

    /// How every migration stands; changes nothing.
    package func status() async throws(MigrationError) -> [MigrationStatus] {
        try await withSession { session throws(MigrationError) in
            try await history(session).statuses
        }
    }

    /// Applies what is pending, up to version `target` if given, and gives back what it applied.
    ///
    /// With `dryRun` it only says what that would be. Safe to repeat, and to run on a database that a later release has
    /// taken further: it is made to run with this one too (docs/migrations.md).
    package func up(to target: Int? = nil, dryRun: Bool = false) async throws(MigrationError) -> [Migration] {
        try await withSession { session throws(MigrationError) in
            if dryRun { return try await pending(session, upTo: target) }
            try await MigrationLock.take(session, configuration.schema, within: lockWait, report)
            try await MigrationTable.create(session, configuration.schema)
            let pending = try await pending(session, upTo: target)
            for migration in pending {
                report(.applying(migration))
                let start = ContinuousClock.now
                try await run(migration.up, session, MigrationTable.insert(migration))
                report(.applied(migration, .now - start))
            }
            return pending
        }
    }

    /// Reverts migrations, newest first, and gives back which; after the last one nothing of ours is left.
    ///
    /// With `dryRun` it only says which they would be.
    package func down(_ extent: Extent, dryRun: Bool = false) async throws(MigrationError) -> [Migration] {
        try await withSession { session throws(MigrationError) in
            if dryRun { return try await history(session).toRevert(extent) }
            try await MigrationLock.take(session, configuration.schema, within: lockWait, report)
            let applied = try await history(session).toRevert(extent)
            for migration in applied {
                report(.reverting(migration))
                let start = ContinuousClock.now
                try await run(migration.down, session, MigrationTable.delete(migration))
                report(.reverted(migration, .now - start))
            }
            if try await history(session).applied.isEmpty {
                try await MigrationTable.drop(session, configuration.schema)
            }
            return applied
        }
    }

    private func pending(
        _ session: PostgresSession, upTo target: Int?
    ) async throws(MigrationError) -> [Migration] {
        let history = try await history(session)
        let pending = try history.toApply(upTo: target)
        if !history.later.isEmpty {
            report(.ofLaterRelease(history.later.map { Migration.label($0.version, $0.name) }))
        }
        return pending
    }

    private func history(_ session: PostgresSession) async throws(MigrationError) -> MigrationHistory {
        MigrationHistory(migrations: migrations, applied: try await MigrationTable.read(session))
    }

    /// Runs one file and `record`s it, both or neither.
    private func run(_ file: Migration.File, _ session: PostgresSession, _ record: SQL) async throws(MigrationError) {
        func failed(_ error: PostgresError) async -> MigrationError {
            _ = try? await session.query("ROLLBACK")
            return .script(file.name, error)
        }
        do {
            _ = try await session.query("BEGIN")
            try await session.run(script: file.sql, within: fileTimeout)
        } catch { throw await failed(error) }
        guard await session.isInTransaction else { throw .controlsTransaction(file.name, "COMMIT or the like") }
        do { _ = try await session.query(record) } catch { throw await failed(error) }
        do {
            _ = try await session.query("COMMIT", within: .seconds(60))
        } catch {
            if error.isOutcomeUnknown { throw .uncertain(file.name, error) }
            throw await failed(error)
        }
    }

    private func withSession<R: Sendable>(
        _ body: (PostgresSession) async throws(MigrationError) -> R
    ) async throws(MigrationError) -> R {
        let session: PostgresSession
        do { session = try await .connect(configuration, reactor: reactor, logger: logger) } catch {
            throw .database(error)
        }
        let result: Result<R, MigrationError>
        do { result = .success(try await body(session)) } catch { result = .failure(error) }
        await session.close()
        return try result.get()
    }
}
