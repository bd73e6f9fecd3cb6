import Common
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// The parts of this process and how they hang together.
enum IngestServices {
    /// Makes them in the order in which they depend on each other; the server, last, is stopped first.
    ///
    /// Ready means that Redis has answered once: accepting a message needs nothing else, so neither a Postgres that is
    /// down nor migrations that are still to run keep Twilio's messages out. `/health` reports both servers.
    static func make(
        _ configuration: IngestConfiguration, _ context: ProcessContext,
        onBound: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> [any Service] {
        let redis = RedisRouter(configuration.redis, reactor: context.reactor, logger: context.logger)
        let memory = MemoryWatch(redis: redis, logger: context.logger)
        var services: [any Service] = [redis, RedisPolicyCheck(redis: redis, logger: context.logger), memory]
        var checks: [(name: String, check: @Sendable () async -> Bool)] = []
        if var own = configuration.postgres {
            own.connections = 1
            let postgres = PostgresClient(own, reactor: context.reactor, logger: context.logger)
            services.append(postgres)
            checks.append(("database", { (try? await postgres.unit("SELECT 1", within: .seconds(1))) != nil }))
        }
        checks.append(("redis", { (try? await redis.send(RedisCommand("PING"), within: .seconds(1))) != nil }))
        let keys = QueueKeys(configuration.queue.served)
        let producer = QueueProducer(redis: redis, keys: keys)
        let receiver = WebhookReceiver(
            gate: WebhookGate(configuration.twilio, proxies: configuration.trustedProxies), producer: producer,
            memory: memory, tracer: context.tracer, logger: context.logger)
        var router = Router()
        receiver.add(to: &router)
        if let keys = configuration.events.keys {
            EventReceiver(
                keys: keys, producer: producer, memory: memory, tracer: context.tracer, logger: context.logger
            ).add(to: &router)
        }
        router.on(.GET, "/openapi.yaml") { request in
            request.eventLoop.makeSucceededFuture(
                HTTPServerResponse(
                    status: .ok, headers: ["Content-Type": "application/yaml"],
                    body: .bytes(PackageResources.openapi_yaml)))
        }
        AdminRoutes(context, checks: checks).add(to: &router)
        // Nothing here waits for messages or claims them: how many there are is told also while no worker runs.
        let queue = QueueClient(redis: redis, waiting: redis, keys: keys, limits: QueueLimits())
        // What stands in when no worker runs needs not be of this second, and ingests may be many.
        services.append(QueueGauges(queue, every: .seconds(5), logger: context.logger))
        services.append(
            ReadinessWatch(context.readiness, [("redis", { (try? await redis.ready(within: .seconds(1))) != nil })]))
        services.append(
            HTTPServer(
                configuration: HTTPServerConfiguration(port: context.settings.port), router: router,
                logger: context.logger,
                onBound: onBound))
        return services
    }
}
