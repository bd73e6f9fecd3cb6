import Common
import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// A Redis that would throw messages away is refused at the start, one that may lose them in a crash is pointed out.
@Suite struct RedisPolicyTests {
    private static func environment(_ redis: RedisServer, port: Int) -> [String: String] {
        [
            "PORT": "\(port)", "REDIS_URL": redis.url, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
            "TWILIO_ACCOUNT_SID": Product.accountSID, "TWILIO_AUTH_TOKEN": Product.authToken,
            "TWILIO_WHATSAPP_NUMBER": Product.whatsAppNumber, "TWILIO_SMS_NUMBER": "+14155238886",
            "PUBLIC_BASE_URL": Product.publicURL, "OTP_SECRET": String(repeating: "s", count: 40),
            "TERMS_URL": "https://bot.example.com/terms", "TERMS_VERSION": "1", "APP_ENV": "test",
        ]
    }

    @Test(.timeLimit(.minutes(2)), arguments: ["ingest", "worker", "relay"])
    func aRedisThatEvictsEndsTheProcess(_ program: String) async throws {
        try await withRedis(options: ["--appendonly", "no", "--maxmemory-policy", "allkeys-lru"]) {
            redis async throws in
            let log = redis.directory + "/\(program).log"
            let process = try ourProcess(program, environment: Self.environment(redis, port: try freePort()), log: log)
            try await process.start()
            let ending = try await process.end()
            #expect(ending == .exit(1))
            let text = try String(contentsOfFile: log, encoding: .utf8)
            #expect(text.contains("allkeys-lru") && text.contains("set it to noeviction"))
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: ["ingest", "worker", "relay"])
    func aRedisWithoutALogIsPointedOut(_ program: String) async throws {
        for appendOnly in [false, true] {
            try await withRedis(options: ["--appendonly", appendOnly ? "yes" : "no"]) { redis async throws in
                let log = redis.directory + "/\(program).log"
                let port = try freePort()
                let process = try ourProcess(program, environment: Self.environment(redis, port: port), log: log)
                try await process.start()
                try await until("the gauge is there") {
                    let page = try? await get("http://127.0.0.1:\(port)/metrics")
                    return page?.contains("whatsapp_redis_appendonly \(appendOnly ? 1 : 0)\n") == true
                }
                #expect(try String(contentsOfFile: log, encoding: .utf8).contains("set appendonly yes") == !appendOnly)
                try await process.stop()
            }
        }
    }

    private func get(_ url: String) async throws -> String {
        let reactor = Reactor(name: "policy")
        defer { reactor.stop() }
        let answer = try await HTTPClient(reactor: reactor).send(HTTPRequest(.GET, url))
        return String(decoding: answer.body, as: UTF8.self)
    }

    @Test func whatInfoSaysIsRead() {
        let info = "# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:volatile-ttl\r\n# Persistence\r\naof_enabled:0\r\n"
        let policy = RedisPolicy(info: info)
        #expect(policy.losesMessages && policy.eviction == "volatile-ttl")
        #expect(policy.isAppendOnly == false)
        #expect(!RedisPolicy(info: "maxmemory_policy:noeviction\r\naof_enabled:1\r\n").losesMessages)
        let silent = RedisPolicy(info: "")
        #expect(!silent.losesMessages && silent.isAppendOnly == nil)
    }
}
