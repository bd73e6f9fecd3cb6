/// The version of the schema that this build was made for.
package enum Schema {
    /// The number of the last file in `migrations/`; a test compares them.
    package static let version = 11

    /// The last version applied to the database of `client`; 0 when there is none.
    ///
    /// A process is ready from `version` on: a later one is the next release's, made to run with this one too.
    package static func appliedVersion(
        on client: PostgresClient, within limit: Duration = .seconds(1)
    ) async throws(PostgresError) -> Int {
        do {
            let latest: SQL = "SELECT coalesce(max(version), 0) FROM schema_migrations"
            return try await client.unit(latest.named("schema_version"), within: limit).rows.first?.column(0) ?? 0
        } catch {
            if error.sqlState == "42P01" { return 0 }  // No such table.
            throw error
        }
    }
}
