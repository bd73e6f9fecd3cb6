import Common
import Logging
import ServiceLifecycle

/// The parts of a relay, put together; the drain, last, is stopped first and can still give its shards back.
struct RelayServices {
    /// The sinks that this program has code for.
    static let builtInSinks: Set<RelayConfiguration.Sink> = [.redis]

    let all: [any Service]

    init(_ configuration: RelayProcessConfiguration, _ context: ProcessContext) {
        let (reactor, logger, readiness) = (context.reactor, context.logger, context.readiness)
        let postgres = PostgresClient(configuration.postgres, reactor: reactor, logger: logger)
        let redis = RedisRouter(configuration.redis, reactor: reactor, logger: logger)
        let wakeUps = WakeUps(reactor: reactor)
        let subscriber = RedisSubscriber(
            of: redis, channels: [OutboxWakeUp.channel], logger: logger,
            onSubscribed: { wakeUps.mayHaveMissed() },
            onMessage: { _, payload in wakeUps.receive(String(decoding: payload, as: UTF8.self)) })
        let drains = configuration.relay.sinks.compactMap { sink -> Drain? in
            switch sink {
            case .redis: Self.redisDrain(configuration.relay, context, postgres, redis, wakeUps)
            case .webhook, .kafka: nil
            }
        }
        let ready: [(name: String, check: @Sendable () async -> Bool)] = [
            ("redis", { await redis.isReady }), ("database", { await postgres.isReady }),
            ("migrations", { (try? await Schema.appliedVersion(on: postgres)).map { $0 >= Schema.version } ?? false }),
        ]
        readiness.require(DrainStatus.check)
        var router = Router()
        AdminRoutes(
            context,
            checks: [
                ("database", { (try? await postgres.unit("SELECT 1", within: .seconds(1))) != nil }),
                ("redis", { (try? await redis.send(RedisCommand("PING"), within: .seconds(1))) != nil }),
            ]
        ).add(to: &router)
        all =
            [
                postgres, redis, RedisPolicyCheck(redis: redis, logger: logger), subscriber,
                ReadinessWatch(readiness, ready),
                HTTPServer(
                    configuration: HTTPServerConfiguration(port: context.settings.port), router: router, logger: logger),
                Maintenance(postgres: postgres, logger: logger),
            ] + drains
    }

    private static func redisDrain(
        _ configuration: RelayConfiguration, _ context: ProcessContext, _ postgres: PostgresClient,
        _ redis: any RedisService, _ wakeUps: WakeUps
    ) -> Drain {
        let name = RelayConfiguration.Sink.redis.rawValue
        let status = DrainStatus(sink: name)
        return Drain(
            log: OutboxLog(
                postgres: postgres, sink: name, owner: UUID.random().description, lease: configuration.lease),
            sink: RedisStreamSink(
                redis: redis, keys: configuration.redisStream, source: context.settings.serviceName,
                limit: min(.seconds(2), configuration.lease / 3)),
            wakeUps: wakeUps, status: status, reactor: context.reactor, logger: context.logger,
            announceRelease: { redis.submit(OutboxWakeUp.releaseCommand, within: .seconds(1)) { _ in } },
            onTurn: { context.readiness.set(DrainStatus.check, status.isHealthy) })
    }
}
