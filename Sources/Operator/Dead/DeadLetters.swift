import Common

/// The dead letters that one run of a command works through.
struct DeadLetters: Sendable {
    let servers: ConnectedOperator
    let filter: DeadLetterFilter
    let count: Int

    /// Copies what Redis has into the table, and counts what `selection` means there.
    init(_ servers: ConnectedOperator, _ selection: DeadSelection, withClosed: Bool = false) async throws {
        try await servers.recordDeadLetters()
        var filter = try await selection.filter(servers, withClosed: withClosed)
        let (count, lastID) = try await filter.extent(on: servers.postgres)
        filter.lastID = lastID
        (self.servers, self.filter, self.count) = (servers, filter, count)
    }

    /// Gives `body` page after page, oldest first.
    func forEachPage(_ body: ([StoredDeadLetter]) async throws -> Void) async throws {
        var last: StoredDeadLetter?
        while case let page = try await filter.page(after: last, on: servers.postgres), !page.isEmpty {
            try await body(page)
            last = page.last
        }
    }

    /// The first of them.
    func first(_ limit: Int) async throws -> [StoredDeadLetter] {
        var letters: [StoredDeadLetter] = []
        while letters.count < limit {
            let page = try await filter.page(
                after: letters.last, limit: limit - letters.count, on: servers.postgres)
            if page.isEmpty { break }
            letters += page
        }
        return letters
    }

    /// Notes that letters were replayed; those closed before are left as they are.
    func markReplayed(_ letters: [StoredDeadLetter]) async throws(PostgresError) {
        let sql: SQL = """
            UPDATE dead_letters SET replayed_at = now()
             WHERE id = ANY (\(letters.map(\.id))) AND replayed_at IS NULL AND discarded_at IS NULL
            """
        try await servers.postgres.unit(sql.named("operator_dead_replayed"))
    }

    /// Notes that letters were discarded; those closed before are left as they are.
    func markDiscarded(_ letters: [StoredDeadLetter]) async throws(PostgresError) {
        let sql: SQL = """
            UPDATE dead_letters SET discarded_at = now()
             WHERE id = ANY (\(letters.map(\.id))) AND replayed_at IS NULL AND discarded_at IS NULL
            """
        try await servers.postgres.unit(sql.named("operator_dead_discarded"))
    }
}
