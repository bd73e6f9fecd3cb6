import Common
import TestSupport
import Testing

@Suite struct PostgresValueTests {
    @Test func everyTypeComesBackAsItWent() async throws {
        try await withPostgres { server in
            try await server.psql(
                """
                CREATE TABLE things (t text, v varchar(40), i bigint, s smallint, d double precision, b boolean, u uuid,
                z timestamptz, y bytea, j jsonb)
                """)
            try await withClient(server.configuration()) { client in
                let text = "Zoë 🚂 “quoted” \\ ' \" \u{1F468}\u{200D}\u{1F469} \n\t\u{1}"
                let id = UUID.random()
                let bytes = [UInt8](0...255)
                let time = Timestamp(microseconds: 1_795_000_000_123_456)
                let results = try await client.unit([
                    """
                    INSERT INTO things VALUES (\(text), \("häßlich"), \(Int64.min), \(-7), \(0.1), \(true), \(id), \(time),
                    \(bytes), \(JSONText(#"{"a": [1, "ü"]}"#)))
                    """,
                    "SELECT * FROM things",
                    "INSERT INTO things (t, y) VALUES (\(String?.none), \([UInt8]()))",
                    "SELECT t, y, i FROM things WHERE t IS NULL",
                ])
                #expect(results[0].affected == 1)
                let row = results[1].rows[0]
                #expect(try row.column("t") == text)
                #expect(try row.column("v") == "häßlich")
                #expect(try row.column("i") == Int64.min)
                #expect(try row.column("s") == -7)
                #expect(try row.column("d") == 0.1)
                #expect(try row.column("b") == true)
                #expect(try row.column("u") == id)
                #expect(try row.column("z") == time)
                #expect(try row.column("y") == bytes)
                #expect(try row.column("j") == JSONText(#"{"a": [1, "ü"]}"#))
                let empty = results[3].rows[0]
                #expect(try empty.column(0, as: String?.self) == nil)
                #expect(try empty.column(1, as: [UInt8].self) == [])
                #expect(try empty.column(2, as: Int?.self) == nil)
            }
        }
    }

    @Test func arraysBindAsOneParameter() async throws {
        try await withPostgres { server in
            try await withClient(server.configuration()) { client in
                let texts = ["a", "", #"q"uo\te,{}"#, "NULL", "ü"]
                let result = try await client.unit(
                    "SELECT x FROM unnest(\(texts)::text[]) WITH ORDINALITY t (x, n) ORDER BY n")
                #expect(try result.rows.map { try $0.column(0, as: String.self) } == texts)
                let mixed = try await client.unit(
                    """
                    SELECT b, i, u FROM unnest(\([[0, 255] as [UInt8], []])::bytea[], \([1, nil] as [Int?])::int[],
                    \([UUID.random(), .random()])::uuid[]) t (b, i, u)
                    """)
                #expect(try mixed.rows[0].column(0, as: [UInt8].self) == [0, 255])
                #expect(try mixed.rows[1].column(1, as: Int?.self) == nil)
            }
        }
    }

    @Test func timesAreReadInUTC() async throws {
        let cases: [(String, Int64?)] = [
            ("1970-01-01 00:00:00+00", 0), ("1969-12-31 23:59:59.999999+00", -1),
            ("2026-10-25 01:30:00.5+01", 1_792_888_200_500_000), ("0044-03-15 12:00:00+00 BC", nil),
            ("infinity", .max), ("-infinity", .min), ("12026-01-01 00:00:00+00", 317_336_745_600_000_000),
        ]
        try await withPostgres { server in
            try await withClient(server.configuration()) { client in
                for (text, microseconds) in cases {
                    let row = try await client.unit("SELECT \(text)::timestamptz").rows[0]
                    guard let microseconds else {
                        #expect(throws: PostgresError.self) { try row.column(0, as: Timestamp.self) }
                        continue
                    }
                    let time = Timestamp(microseconds: microseconds)
                    #expect(try row.column(0) == time, "\(text)")
                    let same = try await client.unit("SELECT \(time)::timestamptz = \(text)::timestamptz")
                    #expect(try same.rows[0].column(0) == true, "\(text)")
                }
            }
        }
    }

    @Test func whatCannotBeReadSaysWhichColumnAndNotWhatItHolds() async throws {
        try await withPostgres { server in
            try await withClient(server.configuration()) { client in
                let row = try await client.unit("SELECT '+447700900123' AS phone, NULL AS nothing").rows[0]
                let wrong = #expect(throws: PostgresError.self) { try row.column("phone", as: UUID.self) }
                #expect(wrong?.code == .undecodable)
                #expect(wrong?.message.contains("phone") == true)
                #expect(wrong?.message.contains("4477") == false)
                #expect(throws: PostgresError.self) { try row.column("nothing", as: Int.self) }
                #expect(throws: PostgresError.self) { try row.column("absent", as: Int.self) }
                #expect(throws: PostgresError.self) { try row.column(2, as: Int.self) }
            }
        }
    }

    @Test func aNULIsRefusedBeforeItIsSent() async throws {
        try await withPostgres { server in
            try await withClient(server.configuration()) { client in
                let error = await #expect(throws: PostgresError.self) {
                    try await client.unit(SQL("SELECT \(1)::int, \("secret\0text")", name: "probe"))
                }
                #expect(error?.code == .unencodable)
                #expect(error?.message == "parameter $2 of statement 1 (probe) contains a NUL, which text cannot hold")
            }
        }
    }

    @Test func errorsAndDescriptionsNeverShowValues() async throws {
        try await withPostgres { server in
            try await server.psql("CREATE TABLE people (phone varchar(16) CONSTRAINT people_phone_key UNIQUE)")
            try await withClient(server.configuration()) { client in
                let secret = "+447700900123"
                _ = try await client.unit("INSERT INTO people VALUES (\(secret))")
                let failing: [SQL] = [
                    "INSERT INTO people VALUES (\(secret))", "SELECT \(secret)::int", "SELECT \(secret)::uuid",
                    "SELECT \(secret)::timestamptz", "SELECT \(secret)::jsonb",
                    "INSERT INTO people VALUES (\(secret + secret))",
                    "SELECT 1/0 WHERE \(secret) = \(secret)",
                ]
                for statement in failing {
                    let error = await #expect(throws: PostgresError.self) { try await client.unit(statement) }
                    #expect(error.map { String(reflecting: $0) }?.contains("7700") == false)
                    #expect(!String(reflecting: statement).contains("7700"))
                    #expect(!"\(statement)".contains("7700"))
                }
                let result = try await client.unit("SELECT phone FROM people")
                #expect(!String(reflecting: result).contains("7700"))
                #expect(!String(reflecting: result.rows[0]).contains("7700"))
            }
        }
    }
}
