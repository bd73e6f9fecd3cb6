import Common
import TestSupport
import Testing

@testable import Ingest

/// What ingest answers when somebody sends too much, or too much waits.
@Suite struct BackpressureTests {
    @Test(.timeLimit(.minutes(2))) func whoSendsTooMuchIsToldWhenToSendAgain() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                // Two minutes' worth in much less than one: what is refused at the end is refused for its number.
                var refused = 0
                for number in 1...120 {
                    let answer = try await ingest.post(RunningIngest.message(number))
                    if answer.status == 200 { continue }
                    refused += 1
                    #expect(answer.status == 429)
                    #expect(answer.headers["retry-after"] == "1")
                    #expect(answer.headers["content-type"] == "application/json")
                    #expect(answer.body.contains(#""error":"too_many_requests""#))
                    #expect(answer.body.contains(#""correlation_id":""#))
                    #expect(number > 60)
                }
                #expect(refused > 0)
                // The fallback address is no way around it; another sender and delivery reports are not meant.
                let fallback = try await ingest.post(RunningIngest.message(121), to: "/webhook/twilio/fallback")
                #expect([200, 429].contains(fallback.status))
                let other = try await ingest.post(RunningIngest.message(122, from: "whatsapp:+447700900999"))
                #expect(other.status == 200)
                for status in ["sent", "delivered", "read"] {
                    let report = try await ingest.post(RunningIngest.status(status), to: "/webhook/twilio/status")
                    #expect(report.status == 200)
                }
                let counted = try await ingest.metric(#"whatsapp_backpressure_total{reason="allowance"}"#)
                #expect(Int(counted) >= refused)
                let answered = try await ingest.metric(
                    #"whatsapp_webhook_requests_total{route="/webhook/twilio",status="429"}"#)
                #expect(Int(answered) == refused)
                #expect(try await ingest.queued().filter { $0.kind == .event }.count == 1, "one polite notice")
                try noSecrets(in: ingest.logged())
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func whoseMessagesWaitIsRefusedMore() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                let list = RedisArgument("{wa:0}:q:whatsapp:+447700900123")
                try await ingest.ask(RedisCommand("RPUSH", [list] + (1...500).map { .init($0) }))
                try await ingest.ask(RedisCommand("HSET", "{wa:0}:ctr", "held", 500))
                let answer = try await ingest.post(RunningIngest.message(1))
                #expect(answer.status == 429)
                #expect(answer.headers["retry-after"] == "30")
                #expect(try await ingest.metric(#"whatsapp_backpressure_total{reason="sender_cap"}"#) == 1)
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aQueueThatGrowsShowsAndAFullOneRefuses() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                try await ingest.ask(RedisCommand("HSET", "{wa:0}:ctr", "held", 100_000))
                #expect(try await ingest.post(RunningIngest.message(1)).status == 200)
                #expect(try await ingest.metric(#"whatsapp_backpressure_total{reason="soft"}"#) == 1)
                try await ingest.ask(RedisCommand("HSET", "{wa:0}:ctr", "held", 199_999))
                #expect(try await ingest.post(RunningIngest.message(2)).status == 503)
                #expect(try await ingest.metric(#"whatsapp_backpressure_total{reason="hard"}"#) == 1)
                #expect(try await ingest.queued().count == 1)
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aRedisThatIsNearlyFullIsLeftAloneUntilItHasRoom() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                #expect(try await ingest.post(RunningIngest.message(1)).status == 200)
                let info = try await ingest.ask(RedisCommand("INFO", "memory")).string ?? ""
                let used = try #require(info.infoValue("used_memory").flatMap { Int($0) })
                try await ingest.ask(RedisCommand("CONFIG", "SET", "maxmemory", .init(used * 5 / 4)))
                var number = 1
                try await until("messages are refused") {
                    number += 1
                    return try await ingest.post(RunningIngest.message(number)).status == 503
                }
                #expect(try await ingest.metric(#"whatsapp_backpressure_total{reason="memory"}"#) >= 1)
                try await ingest.ask(RedisCommand("CONFIG", "SET", "maxmemory", .init(used * 3)))
                try await until("messages are accepted") {
                    try await ingest.post(RunningIngest.message(999)).status == 200
                }
                let log = try ingest.logged()
                #expect(log.contains("redis is nearly full") && log.contains("redis has room again"))
            }
        }
    }

    @Test func fullnessDoesNotFlap() {
        #expect(!MemoryWatch.isFull(0.70, before: false))
        #expect(MemoryWatch.isFull(0.71, before: false))
        #expect(MemoryWatch.isFull(0.65, before: true))
        #expect(!MemoryWatch.isFull(0.64, before: true))
        #expect(!MemoryWatch.isFull(0.65, before: false))
        #expect(MemoryWatch.share(info: "used_memory:50\r\nmaxmemory:0\r\n") == nil)
        #expect(MemoryWatch.share(info: "# Memory\r\nused_memory:50\r\nmaxmemory:200\r\n") == 0.25)
    }

    @Test(.timeLimit(.minutes(2))) func aRedisWithoutFunctionsAndScriptsTakesMessages() async throws {
        let options = ["--rename-command", "FCALL", "", "--rename-command", "SCRIPT", ""]
        try await withRedis(options: options) { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                for number in 1...61 {
                    #expect(try await ingest.post(RunningIngest.message(number)).status == 200)
                }
                #expect(try await ingest.queued().count == 61)
                let lines = try ingest.logged().split(separator: "\n").filter { $0.contains("without allowance") }
                #expect(lines.count == 1)
            }
        }
    }
}
