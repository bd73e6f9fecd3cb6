import Common
import Logging
import ServiceLifecycle

/// The parts of a relay, put together; the drains, last, are stopped first and can still give their shards back.
struct RelayServices {
    let all: [any Service]

    init(_ configuration: RelayProcessConfiguration, _ context: ProcessContext) {
        let (reactor, logger, readiness) = (context.reactor, context.logger, context.readiness)
        let postgres = PostgresClient(configuration.postgres, reactor: reactor, logger: logger)
        let redis = RedisRouter(configuration.redis, reactor: reactor, logger: logger)
        let parts = RelaySinks(
            configuration: configuration.relay, context: context, postgres: postgres, redis: redis)
        let drains = parts.drains()
        let subscriber = RedisSubscriber(
            of: redis, channels: [OutboxWakeUp.channel], logger: logger,
            onSubscribed: { for drain in drains { drain.wakeUps.mayHaveMissed() } },
            onMessage: { _, payload in
                let hint = String(decoding: payload, as: UTF8.self)
                for drain in drains { drain.wakeUps.receive(hint) }
            })
        let ready: [(name: String, check: @Sendable () async -> Bool)] = [
            ("redis", { await redis.isReady }), ("database", { await postgres.isReady }),
            ("migrations", { (try? await Schema.appliedVersion(on: postgres)).map { $0 >= Schema.version } ?? false }),
        ]
        for drain in drains { readiness.require(drain.status.check) }
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
                DrainGroup(drains: drains),
            ]
    }
}
