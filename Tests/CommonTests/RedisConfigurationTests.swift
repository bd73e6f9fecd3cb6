import Common
import Testing

@Suite struct RedisConfigurationTests {
    @Test func urlsAreRead() throws {
        let full = try RedisConfiguration(url: Secret("rediss://al%2Fice:p%40ss:word@redis.example.com:6380/4"))
        #expect(full.usesTLS && full.host == "redis.example.com" && full.port == 6380 && full.database == 4)
        #expect(full.username == "al/ice" && full.password == Secret("p@ss:word"))

        let short = try RedisConfiguration(url: Secret("redis://localhost"))
        #expect(!short.usesTLS && short.host == "localhost" && short.port == 6379 && short.database == 0)
        #expect(short.username == nil && short.password == nil && short.socketPath == nil)

        let passwordOnly = try RedisConfiguration(url: Secret("REDIS://:secret@[::1]:7000/"))
        #expect(passwordOnly.username == nil && passwordOnly.password == Secret("secret"))
        #expect(passwordOnly.host == "::1" && passwordOnly.port == 7000)

        let socket = try RedisConfiguration(url: Secret("unix://:pw@/run/redis%20a/s.sock?db=2"))
        #expect(socket.socketPath == "/run/redis a/s.sock" && socket.database == 2 && socket.password == Secret("pw"))
    }

    @Test(arguments: [
        ("", RedisURLError.scheme), ("localhost:6379", .scheme), ("http://localhost", .scheme), ("redis://", .host),
        ("redis://:6379", .host), ("redis://[::1", .host), ("redis://a b", .host), ("redis://h:0", .port),
        ("redis://h:65536", .port), ("redis://h:x", .port), ("redis://h:", .port), ("redis://h/x", .database),
        ("redis://h/-1", .database), ("redis://user@h", .credentials), ("redis://user:@h", .credentials),
        ("redis://:%zz@h", .encoding), ("redis://:%4@h", .encoding), ("redis://:%ff@h", .encoding),
        ("redis://h?tls=no", .unknownPart), ("redis://h/0#x", .unknownPart), ("unix://", .path),
        ("unix://host/p", .path),
    ])
    func malformedURLsAreRefusedWithoutBeingPrinted(url: String, expected: RedisURLError) {
        #expect(throws: expected) { try RedisConfiguration(url: Secret(url)) }
    }

    @Test func aConfigurationShowsNoPassword() throws {
        let configuration = try RedisConfiguration(url: Secret("redis://:hunter2@localhost"))
        #expect(!"\(configuration)".contains("hunter2"))
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test func aCommandShowsNoArgument() {
        let command = RedisCommand("SET", "key", "hunter2")
        var dumped = ""
        dump(command, to: &dumped)
        #expect(!"\(command) \(dumped)".contains("hunter2"))
    }
}
