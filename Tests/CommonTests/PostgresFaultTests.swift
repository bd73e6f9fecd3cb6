import Common
import Glibc
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@Suite struct PostgresFaultTests {
    @Test func aKilledServerIsFoundAgainWhenItIsBack() async throws {
        try await withPostgres(durable: true) { server in
            try await server.psql("CREATE TABLE kept (n int)")
            try await withClient(server.configuration(connections: 2)) { client in
                _ = try await client.unit("INSERT INTO kept VALUES (1)")
                async let sleeping = failure { try await client.unit("SELECT pg_sleep(60)", within: .seconds(30)) }
                try await until("the statement runs") {
                    try await server.psql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)'")
                        == "1"
                }
                try await server.kill()
                let lost = await sleeping
                #expect(lost?.code == .connectionLost)
                #expect(lost?.isOutcomeUnknown == true)
                try await until("the other connection is lost as well") { await !client.isReady }
                let unsent = await failure { try await client.unit("SELECT 1", within: .milliseconds(200)) }
                #expect(unsent?.code == .unavailable)
                #expect(unsent?.isTransient == true)
                #expect(await client.isReady == false)
                let notReady = await failure { try await client.ready(within: .milliseconds(100)) }
                #expect(notReady?.code == .unavailable)

                // Asked for before the server is back, and answered then.
                async let waiting = client.unit("SELECT n FROM kept", within: .seconds(20))
                try await server.start()
                let rows = try await waiting.rows
                #expect(try rows.map { try $0.column(0, as: Int.self) } == [1])
            }
        }
    }

    /// A wake-up that falls between the question whether there is a connection and the going to sleep is not missed.
    @Test func whoWaitsJustWhenTheConnectionIsMadeIsTold() async throws {
        try await withPostgres { server in
            for _ in 0..<20 {
                try await withClient(server.configuration(), ready: false) { client in
                    try await withThrowingTaskGroup { group in
                        for number in 0..<200 {
                            group.addTask {
                                // Spread over the milliseconds that connecting takes.
                                for _ in 0..<number * 8 { await Task.yield() }
                                try await client.ready(within: .seconds(5))
                            }
                        }
                        try await group.waitForAll()
                    }
                }
            }
        }
    }

    @Test func aServerThatFallsSilentCostsTheConnectionAndNothingMore() async throws {
        try await withPostgres { server in
            try await withClient(server.configuration()) { client in
                _ = try await client.unit("SELECT 1")
                await server.process.send(SIGSTOP)
                async let patient = failure { try await client.unit("SELECT 2", within: .seconds(20)) }
                async let hasty = failure { try await client.unit("SELECT 3", within: .milliseconds(300)) }
                let codes = await [hasty?.code, patient?.code]
                #expect(codes[0] == .timedOut)
                // Sent on the same connection, or not sent for want of another: either way told at once.
                #expect(codes[1] == .connectionLost || codes[1] == .unavailable)
                await server.process.send(SIGCONT)
                let value = try await client.value("SELECT 4", as: Int.self)
                #expect(value == 4)
            }
        }
    }

    @Test func aTerminatedBackendLosesItsUnitsAndIsReplaced() async throws {
        try await withPostgres { server in
            try await server.psql("CREATE TABLE kept (n int)")
            try await withClient(server.configuration()) { client in
                async let sleeping = failure {
                    try await client.unit(["INSERT INTO kept VALUES (1)", "SELECT pg_sleep(60)"], within: .seconds(30))
                }
                try await until("the statement runs") {
                    let found = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)'"
                    return try await server.psql(found) == "1"
                }
                try await server.psql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'whatsapp-handler'"
                )
                let lost = await sleeping
                #expect(lost?.code == .connectionLost)
                #expect(lost?.message.contains("57P01") == true)
                let count = try await client.value("SELECT count(*) FROM kept", as: Int.self)
                #expect(count == 0)
            }
        }
    }

    @Test func theServerEndsAStatementThatTakesTooLong() async throws {
        try await withPostgres { server in
            var configuration = try server.configuration()
            configuration.statementTimeout = .milliseconds(100)
            configuration.settings = ["synchronous_commit": "off", "work_mem": "8 MB"]
            try await withClient(configuration) { client in
                let error = await failure { try await client.unit("SELECT pg_sleep(10)") }
                #expect(error?.sqlState == "57014")
                #expect(error?.isTransient == true)
                let settings = try await client.unit(
                    """
                    SELECT current_setting('work_mem'), current_setting('synchronous_commit'), current_setting('timezone'),
                    current_setting('search_path'), current_setting('application_name')
                    """
                ).rows[0]
                #expect(
                    try (0..<5).map { try settings.column($0, as: String.self) }
                        == ["8MB", "off", "UTC", "public", "whatsapp-handler"])
            }
        }
    }

    @Test func aServerThatHasBecomeReadOnlyIsLeftForAnother() async throws {
        try await withPostgres(options: ["-c", "default_transaction_read_only=on"]) { server in
            try await withClient(server.configuration()) { client in
                let before = try await client.value("SELECT pg_backend_pid()", as: Int.self)
                let error = await failure { try await client.unit("CREATE TABLE refused (n int)") }
                #expect(error?.sqlState == "25006")
                #expect(error?.isTransient == true)
                let after = try await client.value("SELECT pg_backend_pid()", as: Int.self)
                #expect(after != before)
            }
        }
    }

    @Test func onlySoManyUnitsWait() async throws {
        let port = try freePort()
        let configuration = try PostgresConfiguration(url: Secret("postgres://nobody@127.0.0.1:\(port)/none"))
        try await withClient(configuration, ready: false) { client in
            let codes = await withTaskGroup(of: PostgresError.Code?.self) { group in
                for _ in 0..<10_050 {
                    group.addTask { await failure { try await client.unit("SELECT 1", within: .seconds(2)) }?.code }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.allSatisfy { $0 == .unavailable })
        }
    }

    @Test func whatWasAskedForIsFinishedWhenTheClientIsToldToStop() async throws {
        try await withPostgres { server in
            let reactor = Reactor(name: "test")
            defer { reactor.stop() }
            let logger = Logger(label: "test")
            let client = try PostgresClient(server.configuration(), reactor: reactor, logger: logger)
            let group = ServiceGroup(services: [client], logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await client.ready(within: .seconds(10))
                async let slow = client.value("SELECT 7 FROM pg_sleep(0.5)", as: Int.self)
                try await until("it runs") {
                    let found = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(0.5)'"
                    return try await server.psql(found) == "1"
                }
                await group.triggerGracefulShutdown()
                let value = try await slow
                #expect(value == 7)
                try await tasks.waitForAll()
                let refused = await failure { try await client.unit("SELECT 1") }
                #expect(refused?.code == .unavailable)
            }
        }
    }

    @Test func hostNamesAreResolvedAndUnknownOnesAreSaidToBe() async throws {
        try await withPostgres { server in
            var configuration = try server.configuration()
            configuration.host = "localhost"
            try await withClient(configuration) { client in _ = try await client.unit("SELECT 1") }
            configuration.host = server.directory
            try await withClient(configuration) { client in _ = try await client.unit("SELECT 1") }
            configuration.host = "no-such-host.invalid"
            try await withClient(configuration, ready: false) { client in
                try await until("it was tried") { await client.lastProblem != nil }
                let error = await failure { try await client.ready(within: .milliseconds(10)) }
                #expect(error?.code == .unavailable)
            }
        }
    }
}
