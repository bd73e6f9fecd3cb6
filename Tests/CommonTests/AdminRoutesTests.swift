import Common
import CoreMetrics
import FoundationEssentials
import Logging
import NIOHTTP1
import TestSupport
import Testing

@Suite struct AdminRoutesTests {
    private struct Health: Decodable {
        struct Check: Decodable, Equatable {
            var status: String
            var error: String?
            var ms: Int?
        }
        var status: String
        var service: String
        var process: String
        var version: String
        var timestamp: String
        var checks: [String: Check]
    }

    private let readiness = Readiness()
    private let registry = PrometheusRegistry()
    private let reactor = Reactor(name: "admin")

    private func context() -> ProcessContext {
        var values = ConfigurationValues(environment: [:])
        return ProcessContext(
            name: "ingest", settings: ProcessSettings(reading: &values), reactor: reactor,
            logger: Logger(label: "test"), registry: registry, readiness: readiness)
    }

    /// Serves the pages and fetches one.
    private func withPages<R: Sendable>(
        _ checks: [(name: String, check: @Sendable () async -> Bool)] = [],
        _ body: @Sendable (_ get: @escaping @Sendable (String) async throws -> HTTPResponse) async throws -> R
    ) async throws -> R {
        let client = HTTPClient(reactor: reactor)
        let routes = AdminRoutes(context(), checks: checks)
        let result = try await withHTTPServer(routes: { routes.add(to: &$0) }) { server in
            try await body { path in
                try await client.send(HTTPRequest(.GET, "http://127.0.0.1:\(server.port)\(path)"))
            }
        }
        await client.close()
        return result
    }

    @Test func healthIsHealthyWhenEveryCheckPasses() async throws {
        try await withPages([("database", { true }), ("redis", { true })]) { get in
            let response = try await get("/health")
            #expect(response.status == 200)
            #expect(response.headers["Cache-Control"] == ["no-store"])
            let health = try JSONDecoder().decode(Health.self, from: Data(response.body))
            #expect(health.status == "healthy" && health.service == "whatsapp-handler" && health.process == "ingest")
            #expect(health.version == Build.version)
            #expect(health.timestamp.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
            #expect(health.checks["database"]?.status == "healthy" && health.checks["redis"]?.status == "healthy")
            #expect(health.checks["database"]?.ms != nil)
        }
    }

    @Test(arguments: [(false, true), (true, false), (false, false)])
    func oneFailureIsEnoughToBeUnhealthy(database: Bool, redis: Bool) async throws {
        try await withPages([("database", { database }), ("redis", { redis })]) { get in
            let response = try await get("/health")
            #expect(response.status == 503)
            let health = try JSONDecoder().decode(Health.self, from: Data(response.body))
            #expect(health.status == "unhealthy")
            let failed = Health.Check(status: "unhealthy", error: "failed", ms: nil)
            #expect((health.checks["database"] == failed) == !database)
            #expect((health.checks["redis"] == failed) == !redis)
        }
    }

    /// However many ask, and however long it hangs, a check is asked once, and each answer takes a second.
    @Test func aSilentCheckIsGivenASecond() async throws {
        let asked = Locked(0)
        let release = Locked(false)
        let hanging: @Sendable () async -> Bool = {
            asked.withLock { $0 += 1 }
            try? await until("released") { release.withLock { $0 } }
            return true
        }
        try await withPages([("database", hanging), ("redis", { true })]) { get in
            let start = ContinuousClock.now
            try await withThrowingTaskGroup { group in
                for _ in 0..<5 { group.addTask { try await get("/health") } }
                for try await response in group {
                    #expect(response.status == 503)
                    let health = try JSONDecoder().decode(Health.self, from: Data(response.body))
                    #expect(health.checks["database"]?.error == "no answer within 1 s")
                    #expect(health.checks["redis"]?.status == "healthy")
                }
            }
            #expect((.milliseconds(900) ... .seconds(5)).contains(.now - start))
            #expect(asked.withLock { $0 } == 1)
            release.withLock { $0 = true }
            try await until("it is healthy again") { try await get("/health").status == 200 }
        }
    }

    @Test func readyTellsWhatItWaitsFor() async throws {
        readiness.require("redis", "database")
        try await withPages { [readiness] get in
            let starting = try await get("/ready")
            #expect(starting.status == 503)
            let waiting = #"{"status":"starting","waiting_for":["database","redis"]}"#
            #expect(String(decoding: starting.body, as: UTF8.self) == waiting)
            readiness.set("redis", true)
            readiness.set("database", true)
            #expect(try await get("/ready").status == 503, "services have not been started")
            readiness.started()
            #expect(try await get("/ready").status == 200)
            readiness.beginShutdown()
            let stopping = try await get("/ready")
            #expect(stopping.status == 503)
            #expect(String(decoding: stopping.body, as: UTF8.self) == #"{"status":"stopping"}"#)
        }
    }

    @Test func theRootSaysWhatIsRunning() async throws {
        try await withPages { get in
            let page = String(decoding: try await get("/").body, as: UTF8.self)
            #expect(
                page
                    == #"{"service":"whatsapp-handler","process":"ingest","version":"\#(Build.version)","status":"starting"}"#
            )
        }
    }

    @Test func metricsAreServedInTheTextFormat() async throws {
        Counter(label: MetricName.registrations.rawValue, dimensions: [], factory: registry).increment(by: 2)
        try await withPages { get in
            let response = try await get("/metrics")
            #expect(response.status == 200)
            #expect(
                response.headers["Content-Type"] == ["text/plain; version=0.0.4; charset=utf-8"])
            #expect(String(decoding: response.body, as: UTF8.self).contains("\nwhatsapp_registrations_total 2\n"))
        }
    }
}
