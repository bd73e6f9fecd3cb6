#if Kafka
import CRdkafka
import Common
import Logging

/// Produces events to Kafka: acknowledged by all replicas that are in sync, in the order of each ordering key.
///
/// Three things keep that order through failures. Of a key one event is under way at a time, so nothing of it can
/// overtake what failed. Every message is decided, delivered or given up, before the publication that handed it over
/// ends, and that is before the lease can run out (`KafkaTimes`): nothing we gave up leaves later. And what is on its
/// way to a broker when its time is over stays in the same idempotent producer, which then raises its epoch: a broker
/// that has seen the new epoch refuses what arrives late under the old one. Only after an error that the library calls
/// fatal is there a new producer, and the old one has ended before.
///
/// What is left: a request that a broker already has may be carried out although its answer was lost. The event is then
/// there twice, under one id.
actor KafkaSink: Sink {
    nonisolated let reactor: Reactor
    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    private let configuration: KafkaConfiguration
    private let source: String
    private let times: KafkaTimes
    private let log: KafkaLog
    private let spans: PublishSpans

    private var producer: KafkaProducer?
    /// Opens when the last producer that was retired has ended.
    private var ending: Latch?
    private var publication: Publication?

    /// What is being published.
    private struct Publication {
        var delivery: KafkaDelivery
        let window: PublishWindow
        let over: Latch
        /// When something was last handed over.
        var begun = ContinuousClock.now
    }

    /// Describes a sink; `source` is this service's name, `lease` how long shards are held without a sign of life.
    init(
        _ configuration: KafkaConfiguration, source: String, lease: Duration, reactor: Reactor, tracer: Tracer = .off,
        logger: Logger
    ) {
        spans = PublishSpans(tracer: tracer, system: "kafka")
        self.reactor = reactor
        self.configuration = configuration
        self.source = source
        times = KafkaTimes(lease: lease)
        log = KafkaLog(logger, hiding: configuration.login.map { [$0.password] } ?? [])
    }

    /// One at a time.
    func publish(_ batches: [ShardBatch], of log: UUID, within window: PublishWindow) async -> SinkReport {
        guard publication == nil else { return SinkReport(failure: SinkError(.unavailable, "kafka: busy")) }
        do throws(SinkError) { try await start() } catch { return SinkReport(failure: error) }
        let began = Timestamp.now
        publication = Publication(delivery: KafkaDelivery(batches), window: window, over: Latch(reactor))
        handOver()
        await settle()
        guard let delivery = publication?.delivery else { return SinkReport() }
        publication = nil
        let report = SinkReport(answers: delivery.answers, failure: delivery.failure.map(error))
        spans.record(batches, report, since: began)
        return report
    }

    /// Kafka keeps no marks: what it took is known from its acknowledgements only.
    func marks(of log: UUID, shards: [Int]) async throws(SinkError) -> [Int: Int64]? { nil }

    /// Ends the producer, and waits until it has ended, for a while.
    ///
    /// For who needs no sink any more while the process goes on.
    func close() async {
        retire()
        _ = await ending?.wait(until: .now + times.report)
    }

    /// Makes sure that there is a producer, and only one.
    private func start() async throws(SinkError) {
        if producer != nil { return }
        if let ending, !(await ending.wait(until: .now + times.report)) {
            throw SinkError(.unavailable, "kafka: the producer before, which had failed, does not end")
        }
        if producer != nil { return }
        producer = try KafkaProducer(KafkaSettings(configuration, times, clientID: source), reactor: reactor) {
            [weak self] news in self?.assumeIsolated { $0.heard(news) }
        }
    }

    private func retire() {
        guard let old = producer else { return }
        producer = nil
        let ended = Latch(reactor)
        ending = ended
        old.retire { ended.open() }
    }

    /// Hands over what may be under way now.
    private func handOver() {
        guard var current = publication, let producer else { return }
        if !current.window.isOpen { current.delivery.stop() }
        while current.window.isOpen, let index = current.delivery.next() {
            let message = KafkaMessage(
                current.delivery.event(index), source: source, topics: configuration.topics)
            let code = producer.produce(message, id: index)
            if code != RD_KAFKA_RESP_ERR_NO_ERROR {
                current.delivery.reported(index, .init(notTaken: code, topic: message.topic))
            }
            current.begun = .now
        }
        publication = current
        if current.delivery.isOver { current.over.open() }
    }

    /// Waits until it is known of everything what became of it, or that nobody will tell.
    private func settle() async {
        while let current = publication, !current.delivery.isOver {
            if await current.over.wait(until: current.begun + times.report) { continue }
            guard let begun = publication?.begun, Task.isCancelled || .now >= begun + times.report else { continue }
            publication?.delivery.abandon(
                Task.isCancelled ? "cancelled" : "librdkafka does not say what became of them")
            retire()
        }
    }

    private func heard(_ news: [KafkaProducer.News]) {
        for item in news {
            switch item {
            case .report(let id, let code):
                guard let topic = (publication?.delivery.event(id).type).map(configuration.topics.name) else {
                    continue
                }
                publication?.delivery.reported(id, .init(code, topic: topic))
            case .trouble(let text): log.trouble(text)
            case .log(let level, let line): log.line(line, level: level)
            case .fatal(let text):
                log.trouble(text)
                publication?.delivery.abandon("the producer failed and is made anew: \(text)")
                publication?.over.open()
                retire()
            }
        }
        handOver()
    }

    private func error(count: Int, reason: String) -> SinkError {
        let trouble = log.lastTrouble.map { "; the brokers: \($0)" } ?? ""
        return SinkError(.unavailable, "kafka: \(count) event(s) not acknowledged: \(reason)\(trouble)")
    }
}
#endif
