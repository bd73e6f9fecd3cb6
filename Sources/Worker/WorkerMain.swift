import Common
import Conversation
import Logging
import ServiceLifecycle

/// Takes passengers' messages from the queue, has the conversation, commits and replies.
@main struct WorkerMain {
    static func main() async {
        await ServiceProcess.run(
            "worker", configuration: { WorkerConfiguration(reading: &$0) },
            services: { configuration, context in WorkerServices(configuration, context).all })
    }
}

/// The parts of a worker, put together.
struct WorkerServices {
    let all: [any Service]

    init(_ configuration: WorkerConfiguration, _ context: ProcessContext) {
        let (reactor, logger) = (context.reactor, context.logger)
        // Made once, and not in the first passenger's time.
        _ = StationIndex.shared.count
        let redis = RedisRouter(
            configuration.redis, queueShards: configuration.queue.shards, reactor: reactor, logger: logger)
        let postgres = PostgresClient(configuration.postgres, reactor: reactor, logger: logger)
        let gate = TwilioGate(logger: logger)
        let keys = QueueKeys(configuration.queue.served)
        // Nothing here waits for messages: one connection does.
        let queue = QueueClient(redis: redis, waiting: redis, keys: keys, limits: configuration.limits)
        let erasures = ErasureService(
            postgres: postgres,
            remains: ErasureRemains(redis: redis, queue: queue, stream: configuration.eventStream), logger: logger)
        let handler = Self.handler(
            configuration, context, redis, keys, postgres, gate,
            Farewell(redis: redis, keys: keys, lookSoon: erasures.lookSoon, logger: logger))

        let budget = ConcurrencyBudget(configuration.consumer.concurrency)
        let dead = DeadLetterRecorder(
            DeadLetterLedger(
                redis: redis, postgres: postgres, keys: keys,
                holdsCode: { Conversation.codeCandidate(in: $0) != nil }), shards: keys.served.numbers, logger: logger)

        let tickets = TicketRetention(
            postgres: postgres, drafts: configuration.consumer.stateTTL, claims: configuration.retention.period,
            logger: logger)
        let messages = MessageRetention(
            postgres: postgres, redis: redis, queue: queue, period: configuration.retention.period,
            stateTTL: configuration.consumer.stateTTL, logger: logger)
        var services: [any Service] = [
            postgres, redis, RedisPolicyCheck(redis: redis, logger: logger), dead, tickets, messages, erasures,
        ]
        var consumers: [any Service] = []
        for shard in keys.served.numbers {
            // A connection of its own for the one command that blocks.
            let waiting = redis.sibling()
            services.append(waiting)
            consumers.append(
                Consumer(
                    queue: QueueClient(redis: redis, waiting: waiting, keys: keys, limits: configuration.limits),
                    shard: shard, budget: budget, grace: context.settings.shutdownGrace - .seconds(1), reactor: reactor,
                    logger: logger,
                    admit: { gate.admit($0) }, onDead: { dead.look() }, handle: { await handler.handle($0) }))
        }
        let checks: [(name: String, check: @Sendable () async -> Bool)] = [
            ("redis", { await redis.isReady }), ("database", { await postgres.isReady }),
            ("migrations", { (try? await Schema.appliedVersion(on: postgres)).map { $0 >= Schema.version } ?? false }),
        ]
        var router = Router()
        AdminRoutes(context, checks: Array(checks.prefix(2))).add(to: &router)
        services += [
            QueueGauges(queue, logger: logger),
            WorkerHeartbeat(
                WorkerRegistry(redis: redis), logger: logger,
                sign: WorkerHeartbeat.signs(budget: budget, gate: gate)),
            ReadinessWatch(context.readiness, checks),
            HTTPServer(
                configuration: HTTPServerConfiguration(port: context.settings.port), router: router, logger: logger),
        ]
        all = services + consumers + Self.backfill(configuration, context, redis, postgres, keys)
    }

    private static func handler(
        _ configuration: WorkerConfiguration, _ context: ProcessContext, _ redis: any RedisService,
        _ keys: QueueKeys, _ postgres: PostgresClient, _ gate: TwilioGate, _ farewell: Farewell
    ) -> ClaimHandler {
        let clock: @Sendable () -> Timestamp = { .now }
        let codes = OneTimeCode(secret: configuration.codes.secret, secondary: configuration.codes.secondary)
        let twilio = TwilioClient(
            http: HTTPClient(reactor: context.reactor), configuration: configuration.twilio, tracer: context.tracer)
        let wakeUp: @Sendable (Set<Int>) -> Void = { shards in
            // A hint only: the relay also looks by itself.
            for shard in shards { redis.submit(OutboxWakeUp.command(shard: shard)) { _ in } }
        }
        let ledger = ReplyLedger(
            postgres: postgres, wakeUp: wakeUp, clock: clock, keys: keys)
        let sender = ReplySender(
            ledger: ledger, twilio: twilio, oneTimeCode: codes,
            course: ReplyCourse(evidence: EvidenceSchedule(window: configuration.replies.unknownLimit)),
            allowance: SendAllowance(
                redis: redis, rate: configuration.twilio.maximumMessagesPerSecond, reactor: context.reactor,
                logger: context.logger),
            gate: gate, templates: configuration.lateTemplates, clock: clock, logger: context.logger)
        let metrics = HandlerMetrics()
        let turns = TurnHandler(
            reader: TurnReader(postgres: postgres, oneTimeCode: codes, stateTTL: configuration.consumer.stateTTL),
            committer: Committer(postgres: postgres, wakeUp: wakeUp, clock: clock, tracer: context.tracer),
            replies: sender,
            farewell: farewell, metrics: metrics, clock: clock, logger: context.logger, keys: keys)
        return ClaimHandler(
            messages: MessageHandler(
                turns: turns,
                decisions: DecisionMaker(
                    oneTimeCode: codes, codeChannel: configuration.codeChannel,
                    conversation: configuration.conversation),
                tickets: TicketFetcher(
                    // Connections of its own: big files take none from the sending of replies.
                    http: HTTPClient(reactor: context.reactor, maximumConnections: MessageHandler.filesAtOnce),
                    configuration: configuration.twilio, logger: context.logger),
                filePlaces: ConcurrencyBudget(MessageHandler.filesAtOnce)),
            events: EventHandler(
                turns: turns,
                router: EventRouter(
                    postgres: postgres, producer: QueueProducer(redis: redis, keys: keys), keys: keys,
                    metrics: metrics, logger: context.logger),
                evaluations: EvaluationDecision(template: configuration.evaluationTemplate), oneTimeCode: codes,
                logger: context.logger),
            statuses: StatusHandler(ledger: ledger, sender: sender),
            metrics: metrics, tracer: context.tracer, logger: context.logger)
    }
}
