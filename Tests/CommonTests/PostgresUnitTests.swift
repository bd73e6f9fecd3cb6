import Common
import TestSupport
import Testing

@Suite struct PostgresUnitTests {
    @Test func aUnitIsAllOrNothingAndItsNeighboursAreUntouched() async throws {
        try await withPostgres { server in
            try await server.psql(
                "CREATE TABLE numbers (n int CONSTRAINT numbers_pkey PRIMARY KEY, note text); INSERT INTO numbers VALUES (1)"
            )
            try await withClient(server.configuration()) { client in
                async let before = client.unit("INSERT INTO numbers VALUES (\(4), \("four"))")
                async let failing = failure {
                    try await client.unit([
                        "INSERT INTO numbers VALUES (\(2), \("two"))",
                        "INSERT INTO numbers VALUES (\(1), \("again"))",
                        "INSERT INTO numbers (n) VALUES (\(5))",
                    ])
                }
                // Its statement is being prepared by the unit that fails before it.
                async let after = client.unit("INSERT INTO numbers (n) VALUES (\(3))")
                let (error, inserted) = try await (failing, [before.affected, after.affected])
                #expect(inserted == [1, 1])
                #expect(error?.code == .server(sqlState: "23505", constraint: "numbers_pkey"))
                #expect(error?.table == "numbers")
                #expect(error?.isTransient == false)
                #expect(error?.message.contains("again") == false)
                #expect(try await server.psql("SELECT string_agg(n::text, ',' ORDER BY n) FROM numbers") == "1,3,4")
            }
        }
    }

    @Test func aFailedPreparationHurtsNobodyElse() async throws {
        try await withPostgres { server in
            try await withClient(server.configuration()) { client in
                for _ in 0..<3 {
                    let error = await #expect(throws: PostgresError.self) {
                        try await client.unit(["SELECT 1", "SELECT nothing FROM nowhere", "SELECT 2"])
                    }
                    #expect(error?.sqlState == "42P01")
                    let two = try await client.value("SELECT 2", as: Int.self)
                    #expect(two == 2)
                }
            }
        }
    }

    @Test func aDeferredConstraintFailsTheUnitAtItsCommit() async throws {
        try await withPostgres { server in
            try await server.psql(
                "CREATE TABLE d (n int CONSTRAINT d_key UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO d VALUES (1)"
            )
            try await withClient(server.configuration()) { client in
                for _ in 0..<2 {
                    let error = await #expect(throws: PostgresError.self) {
                        try await client.unit(["INSERT INTO d VALUES (2)", "INSERT INTO d VALUES (1)"])
                    }
                    #expect(error?.constraint == "d_key")
                    let count = try await client.value("SELECT count(*) FROM d", as: Int.self)
                    #expect(count == 1)
                }
            }
        }
    }

    @Test func sixtyFourTasksShareAConnection() async throws {
        try await withPostgres { server in
            try await withClient(server.configuration()) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<64 {
                        group.addTask {
                            for turn in 0..<50 {
                                let results = try await client.unit(["SELECT \(task)::int", "SELECT \(turn)::int + 1"])
                                #expect(try results[0].rows[0].column(0, as: Int.self) == task)
                                #expect(try results[1].rows[0].column(0, as: Int.self) == turn + 1)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await client.value("SELECT count(*) FROM pg_prepared_statements", as: Int.self) <= 4)
                let backends = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'whatsapp-handler'"
                #expect(try await server.psql(backends) == "1")
            }
        }
    }

    @Test func statementsThatAreNotUsedMakeRoom() async throws {
        try await withPostgres { server in
            try await withClient(server.configuration()) { client in
                for number in 0..<400 {
                    let result = try await client.unit(SQL(stringLiteral: "SELECT \(number)"))
                    #expect(try result.rows[0].column(0, as: Int.self) == number)
                }
                try await until("the names are freed") {
                    let count = try await client.unit("SELECT count(*) FROM pg_prepared_statements")
                    return try count.rows[0].column(0, as: Int.self) <= 256
                }
            }
        }
    }

    @Test func aPlanThatATableOutgrewIsTransientAndMadeAnew() async throws {
        try await withPostgres { server in
            try await server.psql("CREATE TABLE growing (a int); INSERT INTO growing VALUES (1)")
            try await withClient(server.configuration()) { client in
                let statement: SQL = "SELECT * FROM growing"
                _ = try await client.unit(statement)
                _ = try await client.unit(statement)
                try await server.psql("ALTER TABLE growing ADD b int DEFAULT 2")
                let error = await #expect(throws: PostgresError.self) { try await client.unit(statement) }
                #expect(error?.isTransient == true)
                let row = try await client.unit(statement).rows[0]
                #expect(try row.column("b") == 2)
            }
        }
    }

    @Test func limitsAreSaidClearly() async throws {
        try await withPostgres { server in
            try await withClient(server.configuration()) { client in
                let large = await #expect(throws: PostgresError.self) {
                    try await client.unit("SELECT repeat('x', 1000000) FROM generate_series(1, 100)")
                }
                #expect(large?.code == .resultTooLarge)
                let sent = await #expect(throws: PostgresError.self) {
                    try await client.unit("SELECT \([UInt8](repeating: 0, count: 17 << 20))")
                }
                #expect(sent?.code == .unencodable)
                #expect(try await client.value("SELECT 1") == 1)
                let none = try await client.unit([])
                #expect(none.isEmpty)
            }
        }
    }
}
