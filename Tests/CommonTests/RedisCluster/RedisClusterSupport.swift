import ServiceLifecycle
import TestSupport

@testable import Common

extension RedisCluster {
    func configuration(enteringBy node: Int = 0) throws -> RedisConfiguration {
        try RedisConfiguration(url: Secret(url(of: node)))
    }

    /// A key of ours in a slot of a master.
    func key(of master: Int, _ name: String = "k") -> String {
        var number = 0
        while owner(of: RedisSlot.of("{\(number)}".utf8)) != master { number += 1 }
        return "{\(number)}\(name)"
    }
}

/// Runs `body` with a router, and what it counts, that is shut down with the scope.
func withRouter<R: Sendable>(
    _ configuration: RedisConfiguration, _ body: (RedisRouter, PrometheusRegistry) async throws -> R
) async throws -> R {
    let registry = PrometheusRegistry()
    let dialer = RedisDialer(reactor: redisReactor, metrics: RedisMetrics(factory: registry))
    let router = RedisRouter(configuration, dialer: dialer, logger: redisLogger())
    return try await running(router) { try await body(router, registry) }
}

/// Runs `body` beside a service of Redis, which is shut down with the scope.
func running<R: Sendable>(_ service: any RedisService, _ body: () async throws -> R) async throws -> R {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await service.run() }
        let result: Result<R, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        service.shutDown()
        try await group.waitForAll()
        return try result.get()
    }
}

/// A redirection's counter as it would be scraped.
func redirections(_ kind: String, in registry: PrometheusRegistry) -> Int {
    let series = "whatsapp_redis_redirections_total{kind=\"\(kind)\"} "
    let line = registry.render().split(separator: "\n").first { $0.hasPrefix(series) }
    return line.flatMap { Int($0.dropFirst(series.count)) } ?? 0
}
