package import Logging
import NIOHTTP1

/// Pushes all series of this process every so often, and at the end once more with the mark that they end.
///
/// Without that mark Prometheus would go on for five minutes to tell what a process that is gone had last.
package actor MetricsPusher: Pushing {
    /// Requests bigger than this are refused by some receivers.
    private static let seriesPerRequest = 2000

    private nonisolated let reactor: Reactor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    private let registry: PrometheusRegistry
    private let interval: Duration
    private let labels: [(name: String, value: String)]
    private let buffer: PushBuffer<[UInt8]>
    private let service: PushService<[UInt8]>
    private var isFinished = false
    private var timer: TimerID?

    /// `labels` are put on every series that has none of that name.
    package init(
        _ configuration: RemoteWriteConfiguration, registry: PrometheusRegistry,
        labels: [(name: String, value: String)], reactor: Reactor, logger: Logger
    ) {
        self.registry = registry
        self.reactor = reactor
        self.labels = labels
        interval = configuration.interval
        // A request an entry: so many wait while the receiver is away.
        buffer = PushBuffer(
            .metrics,
            limits: PushLimits(count: 32, bytes: 2 * 1024 * 1024, batchCount: 1, batchBytes: 0, linger: .zero))
        let endpoint = configuration.endpoint
        service = PushService(buffer, reactor: reactor, logger: logger) { bodies in
            HTTPRequest(
                .POST, endpoint.url.value,
                headers: [
                    "Content-Encoding": "snappy", "Content-Type": "application/x-protobuf",
                    "X-Prometheus-Remote-Write-Version": "0.1.0", "User-Agent": "whatsapp-handler/\(Build.version)",
                ], body: bodies.first ?? [])
        }
    }

    package func run() async {
        tick()
        await service.run()
        if let timer { reactor.cancel(timer) }
        isFinished = true
    }

    package nonisolated func finish() {
        reactor.submit { self.assumeIsolated { $0.beginFlush() } }
    }

    private func tick() {
        guard !isFinished else { return }
        add(ends: false)
        timer = reactor.after(interval) { [weak self] in self?.assumeIsolated { $0.tick() } }
    }

    private func beginFlush() {
        guard !isFinished else { return }
        isFinished = true
        add(ends: false)
        add(ends: true)
        service.finish()
    }

    private func add(ends: Bool) {
        let now = Timestamp.now
        var all = RemoteWriteSeries(
            common: labels, time: ends ? now + .milliseconds(1) : now, ends: ends)
        registry.visit(&all)
        var rest = all.series[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.seriesPerRequest)
            rest = rest.dropFirst(part.count)
            let body = RemoteWriteSeries.request(part)
            buffer.add(body, bytes: body.count, units: part.count)
        }
    }
}
