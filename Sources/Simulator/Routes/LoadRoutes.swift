import Common
import FoundationEssentials
import NIOHTTP1

/// Starting, watching and stopping a load: `/api/load`.
struct LoadRoutes: Sendable {
    /// How many lines of the ledger are written at once.
    private static let chunk = 2000

    private let simulation: Simulation
    private let load: LoadGenerator
    private let deliveries: Deliveries

    init(_ simulation: Simulation, _ load: LoadGenerator, _ deliveries: Deliveries) {
        self.simulation = simulation
        self.load = load
        self.deliveries = deliveries
    }

    func add(to router: inout Router) {
        router.onPage(.POST, "/api/load") { await start($0) }
        router.onPage(.GET, "/api/load") { _ in .json(await report.text) }
        router.onPage(.GET, "/api/load/ledger") { _ in ledger }
        router.onPage(.DELETE, "/api/load") { _ in
            await simulation.stopLoad()
            return .json(await report.text)
        }
    }

    private struct NewLoad: Decodable {
        let passengers: Int
        let rate: Double
        let seconds: Double?
        let messages: Int?
        let seed: UInt64?
    }

    private func start(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        guard let new = try? JSONDecoder().decode(NewLoad.self, from: Data(request.bytes)),
            let messages = new.messages ?? new.seconds.flatMap({ Int(exactly: ($0 * new.rate).rounded()) }),
            let plan = LoadPlan(
                passengers: new.passengers, rate: new.rate, messages: messages,
                seed: new.seed ?? UInt64.random(in: 0...9_999))
        else {
            return .error(
                .badRequest, "bad_request",
                "passengers (up to \(LoadPlan.mostPassengers)), rate, and seconds or messages (up to \(LoadPlan.mostMessages)) are needed.",
                request.correlationID)
        }
        guard await load.start(plan) else {
            return .error(.conflict, "conflict", "A load is running: DELETE /api/load stops it.", request.correlationID)
        }
        return .json(await report.text, status: .created)
    }

    private var report: JSONValue {
        get async { await simulation.loadReport(deliveries: deliveries.underWay) }
    }

    private var ledger: HTTPServerResponse {
        let simulation = simulation
        return HTTPServerResponse(
            status: .ok, headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: .stream { writer in
                var next = 0
                while let lines = await simulation.loadLedger(from: next, Self.chunk) {
                    try await writer.write(lines)
                    next += Self.chunk
                }
                var lines = ""
                for (number, reply) in await simulation.replies.entries.enumerated() {
                    lines +=
                        "r \(reply.key.text) \(reply.value.times) \(reply.value.place) \(reply.value.at.microseconds)\n"
                    if number % Self.chunk == Self.chunk - 1 {
                        try await writer.write(lines)
                        lines = ""
                    }
                }
                try await writer.write(lines)
            })
    }
}
