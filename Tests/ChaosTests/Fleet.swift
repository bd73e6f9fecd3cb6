import Common
import Glibc
import NIOHTTP1
import TestSupport

/// Three workers, two relays, two ingests and the simulator, each to be killed and started again.
struct Fleet: Sendable {
    struct Member: Sendable {
        let program: Product.Program
        let port: Int
        let process: ServerProcess
    }

    let product: Product
    let simulator: Member
    let ingests: [Member]
    let workers: [Member]
    let relays: [Member]

    /// Short leases and short waits, so that a scenario is one of order and not of patience.
    static let leaseSeconds = 2
    private static let quick = [
        "QUEUE_LEASE_SECONDS": "\(leaseSeconds)", "REPLY_UNKNOWN_SECONDS": "6", "RELAY_LEASE_SECONDS": "2",
        "BACKFILL_INTERVAL_SECONDS": "2", "BACKFILL_DELAY_SECONDS": "1", "LOG_LEVEL": "warning",
        "SIMULATOR_MESSAGES": "200000",
        // As Twilio: so that there is always something under way when something breaks.
        "SIMULATOR_ANSWER_MILLISECONDS": "150",
    ]

    init(
        _ product: Product, workers: Int = 3, relays: Int = 2, workerVariables: [[String: String]] = []
    ) throws {
        self.product = product
        func member(
            _ program: Product.Program, _ number: Int, port: Int? = nil, _ variables: [String: String] = [:]
        ) throws -> Member {
            let port = try port ?? freePort()
            let all = product.environment(program).merging(Self.quick) { $1 }.merging(["PORT": "\(port)"]) { $1 }
                .merging(variables) { $1 }
            return Member(
                program: program, port: port,
                process: try ourProcess(
                    program.rawValue, environment: all, log: "\(product.directory)/\(program.rawValue)-\(number).log"))
        }
        // The second is what Twilio calls the fallback, at an address of its own.
        let second = try freePort()
        let fallback = "http://127.0.0.1:\(second)"
        simulator = try member(
            .simulator, 0, port: product.ports[.simulator],
            [
                "SIMULATOR_WEBHOOK_URL": product.url(.ingest, "/webhook/twilio#rc=2&rp=ct,rt,5xx"),
                "SIMULATOR_FALLBACK_URL": fallback + "/webhook/twilio/fallback#rc=2&rp=ct,rt,5xx",
            ])
        ingests = [
            try member(.ingest, 1, port: product.ports[.ingest]),
            try member(.ingest, 2, port: second, ["PUBLIC_BASE_URL": fallback]),
        ]
        self.workers = try (0..<workers).map {
            try member(.worker, $0, workerVariables.indices.contains($0) ? workerVariables[$0] : [:])
        }
        self.relays = try (0..<relays).map { try member(.relay, $0) }
    }

    var all: [Member] { [simulator] + ingests + workers + relays }

    func start() async throws {
        for member in all { try await member.process.start() }
        for member in all { try await ready(member) }
    }

    func ready(_ member: Member) async throws {
        let path = member.program == .simulator ? "/" : "/ready"
        try await until("\(member.program.rawValue) is ready", within: .seconds(40)) {
            let answer = try? await product.http.send(HTTPRequest(.GET, "http://127.0.0.1:\(member.port)\(path)"))
            return answer?.status == 200
        }
    }

    func stop() async throws {
        for member in all { try await member.process.stop() }
    }

    // MARK: The simulator

    struct Load: Sendable {
        var passengers: Int
        var rate: Int
        var seconds: Double
        var seed: UInt64
    }

    func begin(_ load: Load) async throws {
        let json =
            #"{"passengers": \#(load.passengers), "rate": \#(load.rate), "seconds": \#(load.seconds), "seed": \#(load.seed)}"#
        let answer = try await product.http.send(
            HTTPRequest(.POST, product.url(.simulator, "/api/load"), body: Array(json.utf8)))
        guard answer.status == 201 else { throw HarnessError("the load was answered \(answer.text)") }
    }

    /// How far the load is.
    func report() async throws -> LoadReport {
        let answer = try await product.http.send(HTTPRequest(.GET, product.url(.simulator, "/api/load")))
        return try LoadReport(json: answer.body)
    }
}
