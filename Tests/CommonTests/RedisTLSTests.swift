import Common
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct RedisTLSTests {
    /// A Redis that speaks TLS with a certificate for `names`, the port for it, and the authority.
    private func withTLS(
        _ names: String, _ body: (_ redis: RedisServer, _ port: Int, _ authority: TestAuthority) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let authority = try await TestAuthority(in: directory)
            let (certificate, key) = try await authority.issue("server", for: names)
            let port = try freePort()
            let options = [
                "--tls-port", "\(port)", "--tls-cert-file", certificate, "--tls-key-file", key,
                "--tls-ca-cert-file", authority.file, "--tls-auth-clients", "no",
            ]
            try await withRedis(options: options) { try await body($0, port, authority) }
        }
    }

    private func refusal(
        _ host: String, _ port: Int, caFile: String?, connectTimeout: Duration = .seconds(5)
    ) async throws -> RedisError? {
        var configuration = try RedisConfiguration(url: Secret("rediss://\(host):\(port)"))
        configuration.caFile = caFile
        configuration.connectTimeout = connectTimeout
        return try await withClient(configuration) { client in try await CommonTests.refusal(of: client) }
    }

    @Test func theRightAuthorityAndNameAreAccepted() async throws {
        try await withTLS("DNS:localhost,IP:127.0.0.1") { redis, port, authority in
            for host in ["localhost", "127.0.0.1"] {
                var configuration = try RedisConfiguration(url: Secret("rediss://\(host):\(port)"))
                configuration.caFile = authority.file
                try await withClient(configuration) { client in
                    try await client.ready(within: .seconds(5))
                    let value = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9) }
                    _ = try await client.send(RedisCommand("SET", "k", .bytes(value)), within: .seconds(10))
                    #expect(try await client.send(RedisCommand("GET", "k"), within: .seconds(10)).payload == value)
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for task in 0..<64 {
                            group.addTask {
                                let reply = try await client.send(RedisCommand("ECHO", .integer(task)))
                                #expect(reply.int == task)
                            }
                        }
                        try await group.waitForAll()
                    }
                }
            }
        }
    }

    @Test func aRestartedServerIsReachedAgain() async throws {
        try await withTLS("DNS:localhost,IP:127.0.0.1") { redis, port, authority in
            var configuration = try RedisConfiguration(url: Secret("rediss://127.0.0.1:\(port)"))
            configuration.caFile = authority.file
            try await withClient(configuration) { client in
                try await client.ready(within: .seconds(5))
                let runID = await client.serverRunID
                try await redis.kill()
                try await until("the loss is noticed") { await !client.isReady }
                try await redis.start()
                try await client.ready(within: .seconds(10))
                #expect(await client.serverRunID != runID)
            }
        }
    }

    @Test func anotherAuthorityIsRefused() async throws {
        try await withTLS("DNS:localhost,IP:127.0.0.1") { _, port, _ in
            try await withTemporaryDirectory { directory in
                let other = try await TestAuthority(in: directory)
                let error = try await refusal("127.0.0.1", port, caFile: other.file)
                #expect(error?.description.contains("certificate") == true)
                let system = try await refusal("127.0.0.1", port, caFile: nil)
                #expect(system?.description.contains("certificate") == true)
                let missing = try await refusal("127.0.0.1", port, caFile: directory + "/none.pem")
                #expect(missing?.description.contains("authorities cannot be loaded") == true)
            }
        }
    }

    @Test func aCertificateForAnotherNameIsRefused() async throws {
        try await withTLS("DNS:elsewhere.test,IP:127.0.0.2") { redis, port, authority in
            let name = try await refusal("localhost", port, caFile: authority.file)
            #expect(name?.description.contains("hostname mismatch") == true)
            let number = try await refusal("127.0.0.1", port, caFile: authority.file)
            #expect(number?.description.contains("IP address mismatch") == true)
            // A server without TLS waits for the end of a line.
            let plain = try await refusal(
                "127.0.0.1", redis.port, caFile: authority.file, connectTimeout: .milliseconds(300))
            #expect(plain?.description.contains("took too long") == true)
        }
    }
}
