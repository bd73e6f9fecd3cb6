package import Logging
import NIOHTTP1

/// Empties a `PushBuffer` in batches: one request at a time, so that order is kept, until the other side has taken it.
///
/// Nobody waits for it: while the other side is slow or down, the buffer fills up and drops. The logger must not lead
/// back into a buffer that is pushed. It has a connection of its own.
package actor PushService<Item: Sendable>: Pushing {
    /// From the request to the last byte of the answer.
    private static var timeout: Duration { .seconds(10) }
    /// Between the attempts of the last flush.
    private static var shortPause: Duration { .milliseconds(200) }

    private nonisolated let reactor: Reactor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    private let buffer: PushBuffer<Item>
    private let http: HTTPClient
    private let logger: Logger
    private let encode: @Sendable ([Item]) -> HTTPRequest
    private var course = PushCourse()
    private var notices = PushNotices()
    private var isFinishing = false
    private var isOver = false
    private var waiting: (wait: PushWait, continuation: CheckedContinuation<Void, Never>, timer: TimerID?)?

    /// `encode` makes the request that carries items, in order; its time limit is set here.
    package init(
        _ buffer: PushBuffer<Item>, reactor: Reactor, logger: Logger,
        encode: @escaping @Sendable ([Item]) -> HTTPRequest
    ) {
        self.buffer = buffer
        self.reactor = reactor
        self.logger = logger
        self.encode = encode
        http = HTTPClient(reactor: reactor, maximumConnections: 1)
    }

    package func run() async {
        buffer.onChange { [weak self] in
            guard let self else { return }
            reactor.submit { self.assumeIsolated { $0.look() } }
        }
        await withTaskCancellationHandler {
            while !isOver {
                await wait(.anything, nil)
                await wait(.company, buffer.limits.linger)
                guard let batch = buffer.takeBatch() else {
                    if isFinishing { break }
                    continue
                }
                await push(batch)
            }
        } onCancel: {
            reactor.submit { self.assumeIsolated { $0.giveUp() } }
        }
        buffer.close()
        await http.close()
    }

    package nonisolated func finish() {
        reactor.submit { self.assumeIsolated { $0.beginFlush() } }
    }

    // MARK: One batch

    private func push(_ batch: PushBatch<Item>) async {
        var request = encode(batch.items)
        request.timeout = Self.timeout
        request.maximumResponseBytes = 64 * 1024
        request.needsBody = false
        while !isOver {
            let outcome = await post(request)
            tell(outcome)
            var random = SystemRandomNumberGenerator()
            switch course.step(after: outcome, isLast: isFinishing, using: &random) {
            case .sent: return buffer.wasSent(batch.units)
            case .again(let pause): await wait(.recovery, isFinishing ? min(pause, Self.shortPause) : pause)
            case .giveUp where isOver: break
            case .giveUp(let pause):
                buffer.hasFailed(batch.units)
                // There is no time to wait until it takes the next batch.
                if isFinishing, pause > .zero { giveUp() }
                return await wait(.recovery, pause)
            }
        }
        buffer.wasDropped(batch.units)
    }

    private func post(_ request: HTTPRequest) async -> PushOutcome {
        do throws(HTTPError) {
            let response = try await http.send(request)
            return PushOutcome(status: response.status, retryAfter: response.headers.first(name: "Retry-After"))
        } catch {
            return .unanswered(error.code)
        }
    }

    private func tell(_ outcome: PushOutcome) {
        let target: Logger.MetadataValue = .string(buffer.target.rawValue)
        switch notices.notice(succeeded: outcome == .accepted, at: .now) {
        case nil: return
        case .recovered: logger.notice("pushing works again", metadata: ["target": target])
        case .failing(let untold):
            logger.warning(
                "pushing fails; nothing waits for it, and what there is no room for is dropped",
                metadata: [
                    "target": target, "cause": .string(outcome.cause), "failures_untold": .stringConvertible(untold),
                ])
        }
    }

    // MARK: Waiting

    private var situation: PushWait.Situation {
        .init(isEmpty: buffer.isEmpty, hasFullBatch: buffer.hasFullBatch, isFinishing: isFinishing)
    }

    private func wait(_ wait: PushWait, _ limit: Duration?) async {
        guard !wait.isOver(situation), !isOver, limit != .zero else { return }
        await withCheckedContinuation { continuation in
            // Between the check above and this something may have come.
            if wait.isOver(situation) || isOver { return continuation.resume() }
            let timer = limit.map { limit in
                reactor.after(limit) { [weak self] in self?.assumeIsolated { $0.resume() } }
            }
            waiting = (wait, continuation, timer)
        }
    }

    private func look() {
        if let waiting, waiting.wait.isOver(situation) { resume() }
    }

    private func resume() {
        guard let waiting else { return }
        self.waiting = nil
        if let timer = waiting.timer { reactor.cancel(timer) }
        waiting.continuation.resume()
    }

    // MARK: The end

    private func beginFlush() {
        guard !isFinishing else { return }
        isFinishing = true
        reactor.after(PushFlush.limit) { [weak self] in self?.assumeIsolated { $0.giveUp() } }
        // Whatever it waits for: there is no time.
        resume()
    }

    /// Ends at once: what is in flight is cancelled, what waits is dropped.
    private func giveUp() {
        (isFinishing, isOver) = (true, true)
        resume()
        let http = http
        http.assumeIsolated { $0.close() }
    }
}

/// The time that pushing adds to the end of a process, at most.
package enum PushFlush {
    package static let limit = Duration.seconds(2)
}
