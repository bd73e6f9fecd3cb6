import Common
import TestSupport
import Testing

/// Units that share a transaction: each answers and has effects as if it were alone.
@Suite struct PostgresGroupTests {
    /// Keeps the only connection busy with a unit of its own until `body` has asked for its units: they gather.
    private func gathered<R: Sendable>(
        _ server: PostgresServer, _ client: PostgresClient, _ body: @Sendable () async throws -> R
    ) async throws -> R {
        async let held = client.unit(
            "SELECT pg_advisory_xact_lock_shared(7), 'held'", order: .shard(-1), within: .seconds(30))
        try await until("the unit before waits") {
            try await server.psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == "1"
        }
        let result = try await body()
        _ = try await held
        return result
    }

    /// Runs `units` as one group on `client`, which has one connection, and gives back what each came to.
    private func group(
        _ server: PostgresServer, _ client: PostgresClient, _ units: [(PostgresUnitOrder, [SQL])],
        whileWaiting: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> [Result<[PostgresResult], PostgresError>] {
        try await withClient(server.configuration()) { holder in
            // Held by a session of its own, which the units' own transaction waits for.
            async let lock = holder.unit(["SELECT pg_advisory_xact_lock(7)", "SELECT pg_sleep(0.3)"])
            try await until("the lock is held") {
                try await server.psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted") == "1"
            }
            let results = try await gathered(server, client) {
                try await withThrowingTaskGroup(of: (Int, Result<[PostgresResult], PostgresError>).self) { group in
                    for (index, unit) in units.enumerated() {
                        group.addTask {
                            do throws(PostgresError) {
                                return (index, .success(try await client.unit(unit.1, order: unit.0)))
                            } catch {
                                return (index, .failure(error))
                            }
                        }
                    }
                    try await whileWaiting()
                    var results: [Int: Result<[PostgresResult], PostgresError>] = [:]
                    for try await (index, result) in group { results[index] = result }
                    return (0..<units.count).compactMap { results[$0] }
                }
            }
            _ = try await lock
            return results
        }
    }

    @Test func whatIsReadyTogetherIsOneTransactionAndEachHasItsOwnAnswer() async throws {
        try await withPostgres { server in
            try await withClient(server.configuration()) { client in
                let results = try await group(
                    server, client,
                    (0..<8).map { number in
                        (.shard(7 - number), ["SELECT \(number)::int", "SELECT pg_current_xact_id()::text"])
                    })
                let numbers = try results.map { try $0.get()[0].rows[0].column(0, as: Int.self) }
                #expect(numbers == Array(0..<8))
                let transactions = Set(try results.map { try $0.get()[1].rows[0].column(0, as: String.self) })
                #expect(transactions.count == 1)
            }
        }
    }

    @Test func oneThatIsRefusedFailsAloneAndItsNeighboursCommit() async throws {
        try await withPostgres { server in
            try await server.psql(
                """
                CREATE TABLE numbers (n int CONSTRAINT numbers_pkey PRIMARY KEY); INSERT INTO numbers VALUES (100);
                CREATE FUNCTION refuse() RETURNS void LANGUAGE plpgsql AS
                  $$ BEGIN RAISE EXCEPTION 'a later owner' USING ERRCODE = 'WA001'; END $$
                """)
            try await withClient(server.configuration()) { client in
                for refused: (SQL, PostgresError.Code) in [
                    ("SELECT refuse()", .server(sqlState: "WA001", constraint: nil)),
                    ("INSERT INTO numbers VALUES (100)", .server(sqlState: "23505", constraint: "numbers_pkey")),
                ] {
                    try await server.psql("DELETE FROM numbers WHERE n < 100")
                    let results = try await group(
                        server, client,
                        (0..<5).map { number in
                            (
                                .shard(number),
                                ["INSERT INTO numbers VALUES (\(number))"] + (number == 2 ? [refused.0] : [])
                            )
                        })
                    let codes = results.map { result -> PostgresError.Code? in
                        if case .failure(let error) = result { error.code } else { nil }
                    }
                    #expect(codes == [nil, nil, refused.1, nil, nil])
                    let kept = try await server.psql("SELECT string_agg(n::text, ',' ORDER BY n) FROM numbers")
                    #expect(kept == "0,1,3,4,100")
                }
            }
        }
    }

    @Test func aCommitThatIsRefusedIsTheFaultOfOne() async throws {
        try await withPostgres { server in
            try await server.psql(
                "CREATE TABLE d (n int CONSTRAINT d_key UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO d VALUES (1)"
            )
            try await withClient(server.configuration()) { client in
                let results = try await group(
                    server, client, (0..<3).map { (.shard($0), ["INSERT INTO d VALUES (\($0))"]) })
                let constraints = results.map { result -> String? in
                    if case .failure(let error) = result { error.constraint } else { nil }
                }
                #expect(constraints == [nil, "d_key", nil])
                #expect(try await server.psql("SELECT count(*) FROM d") == "3")
            }
        }
    }

    @Test func aBackendThatDiesLeavesAllOfThemUnknownAndDoingThemAgainDoesThemOnce() async throws {
        try await withPostgres { server in
            try await server.psql("CREATE TABLE numbers (n int PRIMARY KEY)")
            try await withClient(server.configuration()) { client in
                let terminate =
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(61)'"
                let results = try await group(
                    server, client,
                    (0..<6).map { number in
                        (
                            .shard(number),
                            ["INSERT INTO numbers VALUES (\(number))"] + (number == 3 ? ["SELECT pg_sleep(61)"] : [])
                        )
                    },
                    whileWaiting: {
                        try await until("the fourth unit runs") { try await server.psql(terminate) == "t" }
                    })
                for result in results {
                    let error = #expect(throws: PostgresError.self) { try result.get() }
                    #expect(error?.isOutcomeUnknown == true)
                }
                #expect(try await server.psql("SELECT count(*) FROM numbers") == "0")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<6 {
                        group.addTask {
                            try await client.unit("INSERT INTO numbers VALUES (\(number))", order: .shard(number))
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await server.psql("SELECT count(*) FROM numbers") == "6")
            }
        }
    }

    /// Two clients, many tasks, the same locks in any order: without the order of groups they would wait for each other.
    @Test func groupsOfTwoClientsNeverWaitForEachOther() async throws {
        try await withPostgres(options: ["-c", "deadlock_timeout=50ms"]) { server in
            try await server.psql(
                "CREATE TABLE rows (id uuid PRIMARY KEY, n int); CREATE TABLE log (n int)")
            let ids = (0..<8).map { _ in UUID.random() }
            for id in ids { try await server.psql("INSERT INTO rows VALUES ('\(id)', 0)") }
            try await withClient(server.configuration(connections: 2)) { one in
                try await withClient(server.configuration(connections: 2)) { other in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for task in 0..<64 {
                            group.addTask {
                                let client = task % 2 == 0 ? one : other
                                for turn in 0..<20 {
                                    let id = ids[(task * 7 + turn * 3) % ids.count]
                                    let shard = (task * 5 + turn * 11) % 8
                                    try await client.unit("UPDATE rows SET n = n + 1 WHERE id = \(id)", order: .row(id))
                                    try await client.unit(
                                        [
                                            "SELECT pg_advisory_xact_lock(1, \(shard))",
                                            "INSERT INTO log VALUES (\(turn))",
                                        ],
                                        order: .shard(shard))
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                }
            }
            #expect(try await server.psql("SELECT sum(n) FROM rows") == "1280")
            #expect(try await server.psql("SELECT count(*) FROM log") == "1280")
            #expect(try await server.psql("SELECT sum(deadlocks) FROM pg_stat_database") == "0")
        }
    }

    /// Random units, of which many are refused: what is stored is what was answered, each once.
    @Test func whatIsAnsweredIsWhatIsStored() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        try await withPostgres { server in
            try await server.psql("CREATE TABLE kept (key int CONSTRAINT kept_pkey PRIMARY KEY, unit int, place int)")
            try await withClient(server.configuration(connections: 2)) { client in
                let plans = Plan.random(seed: seed)
                let answers = await withTaskGroup(of: [Int: PostgresError?].self) { group in
                    for task in 0..<16 {
                        group.addTask {
                            var answers: [Int: PostgresError?] = [:]
                            for plan in plans where plan.number % 16 == task {
                                answers.updateValue(await plan.run(on: client), forKey: plan.number)
                            }
                            return answers
                        }
                    }
                    var all: [Int: PostgresError?] = [:]
                    for await some in group { all.merge(some) { first, _ in first } }
                    return all
                }
                for (number, error) in answers {
                    if let error {
                        #expect(
                            ["23505", "22012"].contains(error.sqlState ?? ""), "seed \(seed), unit \(number): \(error)")
                    }
                }
                let kept = try await server.psql("SELECT unit || ' ' || count(*) FROM kept GROUP BY unit")
                let stored = Set(kept.split(separator: "\n").map(String.init))
                let told = Set(
                    plans.filter { answers[$0.number] == .some(.none) }.map { "\($0.number) \($0.keys.count)" })
                #expect(stored == told, "seed \(seed)")
            }
        }
    }

    private struct Plan {
        var number: Int
        /// What it inserts; a key that is there already refuses it.
        var keys: [Int]
        var divides: Bool
        var isGathered: Bool

        static func random(seed: UInt64) -> [Plan] {
            var random = SplitMix64(seed: seed)
            return (0..<480).map { number in
                let first = Int.random(in: 0..<600, using: &random)
                return Plan(
                    number: number, keys: Array(first..<first + Int.random(in: 1...3, using: &random)),
                    divides: Int.random(in: 0..<12, using: &random) == 0,
                    isGathered: Int.random(in: 0..<8, using: &random) > 0)
            }
        }

        func run(on client: PostgresClient) async -> PostgresError? {
            var statements = keys.enumerated().map { place, key -> SQL in
                "INSERT INTO kept VALUES (\(key), \(number), \(place))"
            }
            if divides { statements.append("SELECT 1 / (\(number)::int - \(number)::int)") }
            return await failure { try await client.unit(statements, order: isGathered ? .shard(keys[0]) : nil) }
        }
    }
}
