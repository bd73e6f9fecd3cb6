import Common

/// Looks at the database.
struct PostgresObserver: Sendable {
    let settings: DoctorSettings
    let servers: DoctorServers

    func checks() async throws -> [any DoctorCheck] {
        guard let configuration = settings.postgres, let client = servers.postgresClient else {
            throw NotLookedAt("mend DATABASE_URL first: see configuration")
        }
        do {
            try await client.ready(within: ConnectedQueue.patience)
        } catch {
            return [PostgresConnectionCheck(failure: error.description), SkippedCheck(why: "it must be reached first")]
        }
        guard let row = try await client.unit(PostgresFacts.question.named("doctor")).rows.first else {
            throw PostgresError(.undecodable, "the database said nothing of itself")
        }
        let facts = try PostgresFacts(row)
        return [
            PostgresConnectionCheck(failure: nil, isEncrypted: facts.isEncrypted),
            PostgresVersionCheck(number: facts.versionNumber, text: facts.version),
            MigrationsCheck(
                applied: try await Schema.appliedVersion(on: client, within: .seconds(5)), needed: Schema.version,
                statuses: await statuses(configuration)),
            PostgresWritesCheck(isStandby: facts.isStandby, isReadOnly: facts.isReadOnly),
            DurabilityCheck(
                fsync: facts.fsync, synchronousCommit: facts.synchronousCommit, isProduction: settings.isProduction),
            SessionCheck(
                statementTimeout: facts.statementTimeout, searchPath: facts.searchPath, schema: configuration.schema),
            TransactionsCheck(longest: facts.longestTransaction, isIdle: facts.isLongestIdle),
            ConnectionsCheck(
                used: facts.usedConnections, maximum: facts.maximumConnections, roleLimit: facts.roleLimit,
                roleConnections: facts.roleConnections),
        ]
    }

    /// Of each file; nothing where there are no files, as in an image without them.
    private func statuses(_ configuration: PostgresConfiguration) async -> [MigrationStatus] {
        do {
            let migrations = try MigrationFolder.read(try MigrationFolder.find(given: settings.migrations))
            let runner = MigrationRunner(
                migrations, on: configuration, reactor: servers.reactor, logger: .silent, lockWait: .zero)
            return try await runner.status()
        } catch {
            return []
        }
    }
}
