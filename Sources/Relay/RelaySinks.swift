import Common
import Logging

/// Makes what `RELAY_SINKS` names: each sink with a drain of its own.
///
/// Drains share the database's client and the program's thread and nothing else: no cursor, no lease, no pause, no
/// hint. A sink that is slow or gone keeps its own events back.
struct RelaySinks {
    /// The sinks that this program has code for.
    static var builtIn: Set<RelayConfiguration.Sink> {
        #if Kafka
        [.redis, .webhook, .kafka]
        #else
        [.redis, .webhook]
        #endif
    }

    let configuration: RelayConfiguration
    let context: ProcessContext
    let postgres: PostgresClient
    let redis: any RedisService

    func drains() -> [Drain] {
        let gauges = OutboxGauges()
        return configuration.sinks.compactMap { name in
            sink(name).map { drain(name.rawValue, $0, gauges) }
        }
    }

    /// Nil of one that is not built in, which the configuration has refused.
    private func sink(_ name: RelayConfiguration.Sink) -> (any Sink)? {
        switch name {
        case .redis:
            RedisStreamSink(
                redis: redis, keys: configuration.redisStream, source: context.settings.serviceName,
                limit: min(.seconds(2), configuration.lease / 3), tracer: context.tracer)
        case .webhook:
            configuration.webhook.map {
                WebhookSink(
                    $0, source: context.settings.serviceName, reactor: context.reactor, tracer: context.tracer)
            }
        case .kafka: kafka
        }
    }

    #if Kafka
    private var kafka: (any Sink)? {
        configuration.kafka.map {
            KafkaSink(
                $0, source: context.settings.serviceName, lease: configuration.lease, reactor: context.reactor,
                tracer: context.tracer, logger: context.logger)
        }
    }
    #else
    /// Only who builds with the trait `Kafka` has it.
    private var kafka: (any Sink)? { nil }
    #endif

    private func drain(_ name: String, _ sink: any Sink, _ gauges: OutboxGauges) -> Drain {
        let status = DrainStatus(sink: name, lagLimit: configuration.lagLimit, gauges: gauges)
        let log = OutboxLog(
            postgres: postgres, sink: name, owner: UUID.random().description, lease: configuration.lease,
            policy: configuration.parkedPolicy)
        return Drain(
            log: log, sink: sink, wakeUps: WakeUps(reactor: context.reactor), status: status, reactor: context.reactor,
            logger: context.logger,
            announceRelease: { [redis] in redis.submit(OutboxWakeUp.releaseCommand, within: .seconds(1)) { _ in } },
            onTurn: { [context] in context.readiness.set(status.check, status.isHealthy) })
    }
}
