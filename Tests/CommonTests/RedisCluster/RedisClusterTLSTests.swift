import TestSupport
import Testing

@testable import Common

/// A cluster of one node that speaks TLS only and does not know its own host.
@Suite(.timeLimit(.minutes(1))) struct RedisClusterTLSTests {
    @Test func everyNodeIsReachedAsTheSeedIs() async throws {
        try await withTemporaryDirectory { directory in
            let authority = try await TestAuthority(in: directory)
            let (certificate, key) = try await authority.issue("server", for: "DNS:localhost")
            let (port, bus) = (try freePort(), try freePort())
            let options = [
                "--cluster-enabled", "yes", "--cluster-port", "\(bus)", "--tls-port", "\(port)", "--tls-cluster", "yes",
                "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", authority.file,
                "--tls-auth-clients", "no", "--requirepass", "secret",
            ]
            try await withRedis(options: options) { redis in
                var configuration = try RedisConfiguration(url: Secret("rediss://default:secret@localhost:\(port)"))
                configuration.caFile = authority.file
                try await withRouter(configuration) { router, _ in
                    let refused = await failure { () throws(RedisError) in
                        try await router.ready(within: .milliseconds(200))
                    }
                    #expect(refused?.code == .unavailable, "the cluster has no slots yet")
                    let added = try await redis.cli("-a", "secret", "cluster", "addslotsrange", "0", "16383")
                    #expect(added.contains("OK"))
                    try await router.ready(within: .seconds(20))
                    let reply = try await router.send(RedisCommand("SET", "k", "v"), within: .seconds(10))
                    #expect(reply == .status("OK"))
                    let peer = try await router.send(RedisCommand("CLIENT", "INFO")).string
                    #expect(peer?.contains("laddr=127.0.0.1:\(port) ") == true || peer?.contains("laddr=[::1]") == true)
                }
            }
        }
    }
}
