import DequeModule

/// One connection: commands given in one turn of the reactor leave in one write, replies are matched in order.
///
/// It belongs to the reactor's thread. What fails closes it and fails whoever waits; it is never used again.
final class RedisConnection {
    private enum State {
        case opening, open
        /// Takes no more commands and closes when those in flight are answered.
        case finishing
        case closed(RedisError)
    }
    /// What is left of a command once it is queued.
    private struct InFlight {
        let name: String
        let started: ContinuousClock.Instant
        let deadline: ContinuousClock.Instant
        let complete: (Result<RedisValue, RedisError>) -> Void
        /// Where the command ends in all that was ever queued.
        let end: Int

        init(_ pending: RedisPending, end: Int) {
            name = pending.command.name
            started = pending.started
            deadline = pending.deadline
            complete = pending.complete
            self.end = end
        }
    }

    /// Chunks of `RedisConnection.chunk` bytes read before other descriptors get their turn.
    private static let chunksPerTurn = 16
    private static let chunk = 16 * 1024

    let ended: Latch
    private let reactor: Reactor
    private let transport: Transport
    private let parser: RedisReplyParser
    private var state = State.opening
    private var inFlight: Deque<InFlight> = []
    private var output = RedisOutput()
    private var hasFlushScheduled = false
    private let metrics: RedisMetrics
    private lazy var timer = DeadlineTimer(reactor) { [unowned self] now in self.expire(at: now) }

    /// Gets the replies that no command waits for; without it they are an error.
    var onPush: ((RedisValue) -> Void)?

    init(reactor: Reactor, metrics: RedisMetrics) throws(RedisError) {
        self.reactor = reactor
        self.metrics = metrics
        parser = try RedisReplyParser()
        transport = Transport(reactor: reactor)
        ended = Latch(reactor)
    }

    var takesCommands: Bool {
        if case .open = state { true } else { false }
    }
    var isClosed: Bool { closedBy != nil }
    /// Why it was closed; nil as long as it is not.
    var closedBy: RedisError? {
        if case .closed(let error) = state { error } else { nil }
    }
    var inFlightCount: Int { inFlight.count }
    var unwrittenBytes: Int { output.count }

    /// Connects the socket; `logIn` makes the connection usable.
    func connect(
        _ configuration: RedisConfiguration, tls: TLSContext?, resolver: HostResolver,
        until deadline: ContinuousClock.Instant
    ) async throws(RedisError) {
        do throws(TransportError) {
            try await transport.open(configuration.endpoint, tls: tls, resolver: resolver, until: deadline)
        } catch {
            close(RedisError(.unavailable, error.description))
        }
        if let closedBy { throw closedBy }
        transport.start { ready in self.handle(ready) }
    }

    /// From now on it takes commands; called by the one who logged in.
    func becomeUsable() {
        if case .opening = state { state = .open }
    }

    /// Queues a command; it is written before the reactor sleeps, or at once when it asks for that.
    func send(_ pending: RedisPending) {
        if let closedBy {
            return pending.complete(.failure(RedisError(.unavailable, closedBy.description)))
        }
        output.append(pending.command.encoded)
        inFlight.append(InFlight(pending, end: output.queued))
        timer.cover(pending.deadline)
        // What cannot be written is written again at the end of the turn, where failing calls nobody back from here.
        if pending.command.leavesAtOnce { try? write() }
        if output.count > 0 { scheduleFlush() }
    }

    /// Queues bytes whose replies go to `onPush`.
    func sendWithoutReply(_ command: RedisCommand) {
        guard !isClosed else { return }
        output.append(command.encoded)
        scheduleFlush()
    }

    /// Closes as soon as nothing waits for a reply; what is still being opened, at once.
    func finish(_ reason: RedisError) {
        switch state {
        case .opening: close(reason)
        case .open, .finishing:
            state = .finishing
            if inFlight.isEmpty { close(reason) }
        case .closed: break
        }
    }

    /// Closes at once and fails whoever waits.
    ///
    /// A command whose last byte has not left was not executed, for certain: Redis executes complete commands only.
    /// Safe to call twice.
    func close(_ reason: RedisError) {
        guard !isClosed else { return }
        state = .closed(reason)
        transport.close()
        timer.cancel()
        let failed = inFlight
        inFlight = []
        let now = ContinuousClock.now
        for waiter in failed {
            let code: RedisError.Code =
                if waiter.end > output.written { .unavailable } else if waiter.deadline <= now {
                    .timedOut
                } else {
                    .connectionLost
                }
            if code == .timedOut { metrics.record(waiter.name, now - waiter.started) }
            waiter.complete(.failure(RedisError(code, reason.description)))
        }
        ended.open()
    }

    // MARK: Input and output

    private func scheduleFlush() {
        guard !hasFlushScheduled else { return }
        hasFlushScheduled = true
        reactor.beforeSleep {
            self.hasFlushScheduled = false
            self.flush()
        }
    }

    private func flush() {
        guard !isClosed else { return }
        do throws(TransportError) {
            try write()
        } catch {
            close(RedisError(.connectionLost, error.description))
        }
    }

    private func write() throws(TransportError) {
        try output.flush { bytes throws(TransportError) in try transport.write(bytes) }
    }

    private func handle(_ ready: Reactor.Interest) {
        if output.count > 0 { flush() }
        do throws(RedisError) { try receive() } catch { close(error) }
    }

    private func receive() throws(RedisError) {
        var chunks = 0
        while !isClosed, chunks < Self.chunksPerTurn || transport.hasPending {
            chunks += 1
            guard let count = try readChunk() else { break }
            let now = ContinuousClock.now
            while !isClosed, let value = try parser.next() { deliver(value, at: now) }
            if count < Self.chunk, !transport.hasPending { break }
        }
        if case .finishing = state, inFlight.isEmpty { finish(RedisError(.unavailable, "the connection is finished")) }
    }

    private func readChunk() throws(RedisError) -> Int? {
        let result: Result<Int?, RedisError> = withUnsafeTemporaryAllocation(byteCount: Self.chunk, alignment: 8) {
            room in
            do throws(TransportError) {
                guard let count = try transport.read(into: room) else { return .success(nil) }
                do throws(RedisError) { try parser.feed(UnsafeRawBufferPointer(rebasing: room[..<count])) } catch {
                    return .failure(error)
                }
                return .success(count)
            } catch { return .failure(RedisError(.connectionLost, error.description)) }
        }
        return try result.get()
    }

    private func deliver(_ value: RedisValue, at now: ContinuousClock.Instant) {
        guard let waiter = inFlight.popFirst() else {
            if let onPush { return onPush(value) }
            return close(RedisError(.connectionLost, "a reply that nobody asked for"))
        }
        metrics.record(waiter.name, now - waiter.started)
        waiter.complete(.success(value))
        // A primary that became a replica keeps its connections: the next one may find the new primary.
        if case .error(let text) = value, text.hasPrefix("READONLY") {
            finish(RedisError(.unavailable, "the server is a read-only replica"))
        }
    }

    /// Closes when a reply is overdue, since later replies could not be told from it.
    private func expire(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard let earliest = inFlight.lazy.map(\.deadline).min() else { return nil }
        guard earliest <= now else { return earliest }
        close(RedisError(.timedOut, "no reply in time"))
        return nil
    }
}
