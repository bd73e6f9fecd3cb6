import Common
import NIOHTTP1
import TestSupport
import Testing

@testable import Simulator

@Suite struct EventStreamTests {
    private func open(_ simulator: RunningSimulator, _ path: String, lastEventID: String? = nil) async throws
        -> RawConnection
    {
        let connection = try RawConnection(port: simulator.port)
        let header = lastEventID.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        try await connection.send("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(simulator.port)\r\n\(header)\r\n")
        return connection
    }

    private func ids(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) }
    }

    @Test func itGoesOnWhereItWasLeft() async throws {
        try await withSimulator(statusInterval: .seconds(60)) { simulator in
            let state = try await simulator.api(.GET, "/api/state").json
            let last = try #require(state["lastEventID"].string)
            let connection = try await open(simulator, "/api/stream?after=\(last)")
            _ = try await simulator.create("first")
            let first = try await connection.receive { $0.contains("first") }
            #expect(first.contains("Content-Type: text/event-stream") && first.contains("event: message"))
            let seen = try #require(ids(first).last)
            connection.shutDown()
            // What happens while nobody listens is told to whoever comes back, and nothing twice.
            _ = try await simulator.create("second")
            let again = try await open(simulator, "/api/stream?after=\(last)", lastEventID: seen)
            let second = try await again.receive { $0.contains("second") }
            #expect(!second.contains("first") && ids(second).count == 1)
            _ = try await simulator.create("third")
            _ = try await again.receive { $0.contains("third") }
            again.shutDown()
        }
    }

    @Test(arguments: ["0badcafe-3", "nonsense", "-", "0badcafe-999999999999999999999"])
    func aPlaceInAnotherRunIsLost(_ id: String) async throws {
        try await withSimulator { simulator in
            let connection = try await open(simulator, "/api/stream", lastEventID: id)
            #expect(try await connection.receive { $0.contains("event: lost") }.contains("event: lost"))
            connection.shutDown()
        }
    }

    @Test func eventsOfTheStreamShowAndRedisMayGoAndCome() async throws {
        try await withRedis { redis in
            var configuration = RedisConfiguration()
            configuration.port = redis.port
            try await withSimulator(redis: configuration) { simulator in
                func redisState() async throws -> JSON { try await simulator.api(.GET, "/api/state").json["redis"] }
                try await until("redis is reached") { try await redisState() == .bool(true) }
                try await add(redis, "user.registered")
                try await until("the event shows") {
                    let events = try await simulator.api(.GET, "/api/state").json["events"].array
                    return events.map { $0["type"] } == ["user.registered"]
                        && events.first?["data"] == #"{"user_id":"u1"}"#
                }
                try await redis.kill()
                try await until("redis is missed") { try await redisState() == .bool(false) }
                #expect(try await simulator.create().status == 201)
                try await redis.start()
                try await add(redis, "user.verified")
                try await until("events show again") {
                    let state = try await simulator.api(.GET, "/api/state").json
                    return state["events"].array.last?["type"] == "user.verified" && state["redis"] == .bool(true)
                }
            }
        }
    }

    private func add(_ redis: RedisServer, _ type: String) async throws {
        let connection = try RawConnection(port: redis.port)
        let data = #"{"user_id":"u1"}"#
        try await connection.send(
            "XADD whatsapp_handler.events * id 1 type \(type) source test subject u1 time 2026-11-22T12:00:00Z "
                + "seq 1 data '\(data)'\r\n")
        _ = try await connection.receive { $0.hasSuffix("\r\n") }
    }
}
