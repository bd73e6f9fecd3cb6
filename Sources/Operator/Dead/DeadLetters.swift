import Common

/// The dead letters that one run of a command works through.
struct DeadLetters: Sendable {
    let servers: ConnectedOperator
    let filter: DeadLetterFilter
    let count: Int

    /// Copies what Redis has into the table, and counts what `selection` means there.
    init(_ servers: ConnectedOperator, _ selection: DeadSelection, withClosed: Bool = false) async throws {
        try await self.init(servers, try await selection.filter(servers, withClosed: withClosed))
    }

    /// Copies what Redis has into the table, unless that was done just now, and counts what `filter` means there.
    init(_ servers: ConnectedOperator, _ filter: DeadLetterFilter, copying: Bool = true) async throws {
        if copying { try await servers.recordDeadLetters() }
        var filter = filter
        let (count, lastID) = try await filter.extent(on: servers.postgres)
        filter.lastID = min(filter.lastID, lastID)
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

    /// Puts letters back on the queue, which must be replayable, in this order.
    ///
    /// Pushes first and notes it after: what lies between can only be done again, which changes nothing. A queue that
    /// is too full for longer than `patience` is an error.
    func replay(_ page: [StoredDeadLetter], patience: Duration = ReplayBatches.patience) async throws {
        let originals = try await servers.envelopes(of: page.map(\.letter))
        var batches = ReplayBatches(servers.queue, patience: patience)
        for stored in page {
            try await batches.add(originals[stored.key] ?? stored.letter.envelope, of: stored.letter.sender)
        }
        try await batches.flush()
        try await markReplayed(page)
    }

    /// Closes letters for good: takes them off Redis' dead list and notes it.
    func discard(_ page: [StoredDeadLetter]) async throws {
        let queue = servers.queue
        let named = Dictionary(grouping: page.filter(\.letter.hasHeader)) { queue.keys.shard(of: $0.letter.sender) }
        for (shard, letters) in named {
            try await queue.queue.discard(shard: shard, sids: letters.map(\.letter.messageSID))
        }
        // What has no MessageSid is known by its bytes alone.
        let nameless = page.filter { !$0.letter.hasHeader && !$0.isErased }
        for (shard, entry) in try await servers.entries(of: nameless.map(\.letter)).values {
            try await queue.queue.discard(shard: shard, sids: [], entries: [entry])
        }
        try await markDiscarded(page)
    }

    /// Notes that letters were replayed; those closed before are left as they are.
    private func markReplayed(_ letters: [StoredDeadLetter]) async throws(PostgresError) {
        let sql: SQL = """
            UPDATE dead_letters SET replayed_at = now()
             WHERE id = ANY (\(letters.map(\.id))) AND replayed_at IS NULL AND discarded_at IS NULL
            """
        try await servers.postgres.unit(sql.named("operator_dead_replayed"))
    }

    /// Notes that letters were discarded; those closed before are left as they are.
    private func markDiscarded(_ letters: [StoredDeadLetter]) async throws(PostgresError) {
        let sql: SQL = """
            UPDATE dead_letters SET discarded_at = now()
             WHERE id = ANY (\(letters.map(\.id))) AND replayed_at IS NULL AND discarded_at IS NULL
            """
        try await servers.postgres.unit(sql.named("operator_dead_discarded"))
    }
}
