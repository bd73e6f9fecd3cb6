import Common
import ServiceLifecycle

/// How many messages were processed and given up on lately, from the queue's totals looked at every few seconds.
///
/// It begins with the console: nothing else keeps these figures but the metrics.
final class ThroughputRecord: Service {
    struct Sample: Sendable {
        let at: ContinuousClock.Instant
        let done: Int
        let dead: Int
    }

    static let interval = Duration.seconds(5)
    /// Ten minutes.
    static let length = 120
    /// Over how long the rate shown is taken.
    static let rateWindow = Duration.seconds(60)

    private let reader: OverviewReader
    private let onLook: @Sendable (QueueOverview) async -> Void
    private let samples = Locked<[Sample]>([])

    /// `onLook` is told of the queue at each look.
    init(_ reader: OverviewReader, onLook: @escaping @Sendable (QueueOverview) async -> Void = { _ in }) {
        self.reader = reader
        self.onLook = onLook
    }

    /// Looks until it is told to stop.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if let queue = await self.reader.queue() {
                    self.note(queue, at: .now)
                    await self.onLook(queue)
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    func note(_ queue: QueueOverview, at moment: ContinuousClock.Instant) {
        let sample = Sample(at: moment, done: queue.sum(\.doneTotal), dead: queue.sum(\.deadTotal))
        samples.withLock { samples in
            samples.append(sample)
            if samples.count > Self.length + 1 { samples.removeFirst(samples.count - Self.length - 1) }
        }
    }

    /// What it comes to.
    func throughput() -> Throughput { Throughput(samples.withLock { $0 }) }
}

/// Rates, and what a sparkline is drawn from.
struct Throughput: Sendable {
    /// Messages a second between one look and the next, oldest first.
    private(set) var processed: [Double] = []
    private(set) var givenUp: [Double] = []
    /// Over the last minute; nil before the second look.
    private(set) var processedRate: Double?
    private(set) var givenUpRate: Double?
    /// How much time it is about.
    private(set) var span = Duration.zero

    init(_ samples: [ThroughputRecord.Sample]) {
        guard let first = samples.first, let last = samples.last, samples.count > 1 else { return }
        span = last.at - first.at
        for (a, b) in zip(samples, samples.dropFirst()) {
            processed.append(Self.rate(a.done, b.done, b.at - a.at))
            givenUp.append(Self.rate(a.dead, b.dead, b.at - a.at))
        }
        let start = samples.first { last.at - $0.at <= ThroughputRecord.rateWindow } ?? first
        let base = start.at < last.at ? start : samples[samples.count - 2]
        processedRate = Self.rate(base.done, last.done, last.at - base.at)
        givenUpRate = Self.rate(base.dead, last.dead, last.at - base.at)
    }

    /// A total that shrank is of a Redis that was emptied.
    private static func rate(_ from: Int, _ to: Int, _ time: Duration) -> Double {
        time > .zero ? Double(max(0, to - from)) / time.inSeconds : 0
    }

    /// `3.2/s`, or per minute when it is little.
    static func words(_ rate: Double) -> String {
        if rate == 0 { return "0/s" }
        let (number, unit) = rate < 0.1 ? (rate * 60, "min") : (rate, "s")
        if number >= 100 { return "\(HTML.count(Int(number.rounded())))/\(unit)" }
        let tenths = Int((number * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)/\(unit)" : "\(tenths / 10).\(tenths % 10)/\(unit)"
    }
}
