import Common
import Foundation
import TestSupport
import Testing

/// What happens to webhooks while something that ingest uses, or whoever talks to it, misbehaves.
@Suite struct OutageTests {
    @Test(.timeLimit(.minutes(2))) func withoutRedisTwilioIsToldToTryAgainUntilItIsBack() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                #expect(try await ingest.post(RunningIngest.message(1)).status == 200)
                try await redis.kill()
                let refused = try await ingest.post(RunningIngest.message(2))
                #expect(refused.status == 503)
                #expect(refused.body.contains("\"error\":\"unavailable\""))
                #expect(try await ingest.metric(#"whatsapp_backpressure_total{reason="unavailable"}"#) >= 1)
                #expect(try await ingest.get("/health").status == 503)
                try await redis.start()
                try await until("ingest accepts again") {
                    try await ingest.post(RunningIngest.message(3)).status == 200
                }
                #expect(try await ingest.queued().last?.messageSID.hasSuffix("3") == true)
                #expect(try await ingest.get("/health").status == 200)
                try noSecrets(in: ingest.logged())
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aFullRedisIsAnUnavailableOne() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                try await ingest.ask(RedisCommand("CONFIG", "SET", "maxmemory", "1"))
                #expect(try await ingest.post(RunningIngest.message(1)).status == 503)
                try await ingest.ask(RedisCommand("CONFIG", "SET", "maxmemory", "0"))
                try await until("ingest accepts again") {
                    try await ingest.post(RunningIngest.message(1)).status == 200
                }
                #expect(try await ingest.queued().count == 1)
                #expect(
                    try await ingest.metric(#"whatsapp_webhook_requests_total{route="/webhook/twilio",status="503"}"#)
                        >= 1)
                #expect(try await ingest.metric(#"whatsapp_backpressure_total{reason="memory"}"#) >= 1)
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aPausedRedisIsNotWaitedForLongerThanTwilioWaits() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                await redis.process.send(SIGSTOP)
                let start = ContinuousClock.now
                #expect(try await ingest.post(RunningIngest.message(1)).status == 503)
                #expect(.now - start < .seconds(8))
                await redis.process.send(SIGCONT)
                try await until("ingest accepts again") {
                    try await ingest.post(RunningIngest.message(2)).status == 200
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aPostgresThatIsNotThereKeepsNothingOut() async throws {
        try await withRedis { redis async throws in
            let absent = "postgres://nobody:hidden-password@127.0.0.1:\(try freePort())/none"
            try await RunningIngest.with(redis: redis, ["DATABASE_URL": absent]) { ingest async throws in
                #expect(try await ingest.post(RunningIngest.message(1)).status == 200)
                #expect(try await ingest.get("/ready").status == 200)
                let health = try await ingest.get("/health")
                #expect(health.status == 503)
                #expect(health.body.contains("\"database\""))
                #expect(!health.body.contains("127.0.0.1") && !health.body.contains("hidden-password"))
                #expect(try await ingest.queued().count == 1)
                let log = try ingest.logged()
                #expect(!log.contains("hidden-password"))
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func withoutRedisAtTheStartIngestWaitsAndIsNotReady() async throws {
        try await withRedis { redis async throws in
            try await redis.kill()
            try await RunningIngest.with(redis: redis, isReady: false) { ingest async throws in
                #expect(try await ingest.get("/ready").status == 503)
                #expect(try await ingest.post(RunningIngest.message(1)).status == 503)
                try await redis.start()
                try await until("ingest is ready") { try await ingest.get("/ready").status == 200 }
                #expect(try await ingest.post(RunningIngest.message(1)).status == 200)
            }
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: [UInt64(1), 2, 3])
    func randomBytesAreSurvived(seed: UInt64) async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                var random = SplitMix64(seed: seed)
                let noise = (0..<10_000).map { _ in UInt8.random(in: 0...255, using: &random) }
                let connection = try RawConnection(port: ingest.port)
                try await connection.send(noise)
                if let answer = try await connection.response(within: .seconds(30)) { #expect(answer.status == 400) }
                #expect(try await ingest.post(noise).status != 200)
                #expect(try await ingest.post(noise, signature: "").status != 200)
                #expect(try await ingest.queued().isEmpty)
                #expect(try await ingest.post(RunningIngest.message(1)).status == 200)
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aSlowSenderHoldsNobodyUpAndIsCutOff() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                let slow = try RawConnection(port: ingest.port)
                try await slow.send(Array("POST /webhook/twilio HTTP/1.1\r\nHost: bot.example.com\r\n".utf8))
                #expect(try await ingest.post(RunningIngest.message(1)).status == 200)
                let answer = try await slow.response(within: .seconds(30))
                #expect(answer == nil || answer?.status == 408)
                #expect(try await ingest.queued().count == 1)
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aThousandMessagesAtOnceAreAllQueuedInTheOrderOfTheirSenders() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis, ["QUEUE_SHARDS": "4", "LOG_LEVEL": "info"]) {
                ingest async throws in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for sender in 0..<20 {
                        group.addTask {
                            for number in 0..<50 {
                                let message = RunningIngest.message(
                                    sender * 100 + number, from: "whatsapp:+4477009001\(10 + sender)")
                                let status = try await ingest.post(message).status
                                #expect(status == 200)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let queued = try await ingest.queued(shards: 4)
                #expect(queued.count == 1000)
                for (_, own) in Dictionary(grouping: queued, by: \.sender) {
                    #expect(own.map(\.messageSID) == own.map(\.messageSID).sorted())
                    #expect(own.count == 50)
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func aStopFinishesWhatIsInFlight() async throws {
        try await withRedis { redis async throws in
            try await RunningIngest.with(redis: redis) { ingest async throws in
                #expect(try await ingest.post(RunningIngest.message(1)).status == 200)
                await ingest.process.send(SIGTERM)
                try await until("ingest is gone") { !connects(toPort: ingest.port) }
                try await until("it says so") { try ingest.logged().contains("\"stopped\"") }
                try noSecrets(in: ingest.logged())
            }
        }
    }
}
