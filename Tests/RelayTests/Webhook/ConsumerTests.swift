import Common
import Glibc
import NIOHTTP1
import TestSupport
import Testing

@testable import Relay

/// The consumers of docs/events/consumers, as other services would start from them, with the built relay.
@Suite struct ConsumerTests {
    /// It is killed, and Redis loses the whole stream: each event is handled once, in order.
    @Test(.timeLimit(.minutes(2))) func theStreamsConsumerHandlesEachEventOnce() async throws {
        try await withRelayFixture { fixture in
            let log = fixture.redis.directory + "/consumer.log"
            let consumer = try await PythonProgram.consumer(
                "read_stream.py",
                ["--redis", fixture.redis.url, "--database", fixture.redis.directory + "/consumer.sqlite"], log: log)
            try await fixture.withRelays(1, lease: 2) { relays in
                try await relays[0].process.start()
                try await consumer.start()
                try await fixture.append(30)
                try await until("some are handled") { handled(log).count >= 10 }
                try await consumer.stop(SIGKILL)
                try await fixture.append(30)
                try await consumer.start()
                try await until("all are handled") { Set(handled(log)).count == 60 }
                try await consumer.stop(SIGKILL)

                _ = try await fixture.redisClient.send(RedisCommand("FLUSHALL"))
                try await fixture.untilAllIsPublished()
                try await fixture.append(5)
                try await consumer.start()
                try await until("the new ones are handled") { Set(handled(log)).count == 65 }
                try await consumer.stop(SIGTERM)
            }
            try await expectOnceInOrder(fixture, handled(log), kills: 3)
        }
    }

    /// It is killed, and so is the relay; and what is not signed it does not take.
    @Test(.timeLimit(.minutes(2))) func theWebhooksConsumerHandlesEachEventOnce() async throws {
        try await withRelayFixture { fixture in
            let (port, log) = (try freePort(), fixture.redis.directory + "/consumer.log")
            let consumer = try await PythonProgram.consumer(
                "receive_webhook.py",
                ["--port", "\(port)", "--database", fixture.redis.directory + "/consumer.sqlite"],
                environment: ["WEBHOOK_SECRET": RelayFixture.previousSecret], log: log)
            let url = "http://127.0.0.1:\(port)/"
            try await fixture.withRelays(1, lease: 1, variables: RelayFixture.webhookVariables(url)) { relays in
                let relay = relays[0].process
                try await relay.start()
                try await consumer.start()
                try await fixture.append(30)
                try await until("some are handled") { handled(log).count >= 10 }
                try await consumer.stop(SIGKILL)
                try await relay.stop(SIGKILL)
                try await fixture.append(30)
                try await relay.start()
                try await consumer.start()
                try await until("all are handled", within: .seconds(40)) { Set(handled(log)).count == 60 }

                let client = HTTPClient(reactor: fixture.reactor)
                let forged = try await client.send(HTTPRequest(.POST, url, body: Array(#"{"id":"1"}"#.utf8)))
                #expect(forged.status == 401)
                await client.close()
                try await consumer.stop(SIGTERM)
            }
            try await expectOnceInOrder(fixture, handled(log), kills: 2)
        }
    }

    /// The ids that a consumer printed; a line that is cut off by a kill is none.
    private func handled(_ log: String) -> [String] {
        textOfFile(log).split(separator: "\n").compactMap { JSONValue(parsing: Array($0.utf8))?["id"]?.string }
    }

    private func expectOnceInOrder(_ fixture: RelayFixture, _ handled: [String], kills: Int) async throws {
        let rows = try await fixture.database.unit("SELECT id::text, ordering_key FROM outbox_events ORDER BY sequence")
        let log: [(id: String, key: String)] = try rows.rows.map { (try $0.column(0), try $0.column(1)) }
        let keys = Dictionary(uniqueKeysWithValues: log.map { ($0.id, $0.key) })
        // A kill between a line and its transaction's end has the line again; nothing else has.
        #expect(handled.count <= log.count + kills, "\(handled.count) of \(log.count)")
        var seen: Set<String> = []
        let first = handled.filter { seen.insert($0).inserted }
        for key in Set(keys.values) {
            #expect(first.filter { keys[$0] == key } == log.filter { $0.key == key }.map(\.id))
        }
    }
}
