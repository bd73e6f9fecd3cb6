import Logging
import NIOCore

/// The connections of one event loop: their deadlines, their number, their end.
///
/// Confined to its loop. Deadlines are looked at a few times a second for all connections together, which costs a
/// request nothing, where a timer each would cost two heap operations.
final class ServerConnections {
    let configuration: HTTPServerConfiguration
    let router: Router
    let tasks: RequestTasks
    let eventLoop: any EventLoop
    let logger: Logger
    /// Open connections of all loops.
    private let total: Locked<Int>
    let replies: HTTPReplies
    let limits: Limits
    private var connections: [ObjectIdentifier: HTTPConnection] = [:]
    /// Requests given to responders that have not answered yet, whether or not their connection is still there.
    private var unanswered = 0
    private var drained: EventLoopPromise<Void>?
    private var sweep: RepeatedTask?
    /// Lent to the connection that is writing, so that an idle one has no buffer of its own.
    private var spareBuffer: ByteBuffer?

    /// Whether responses now end their connections.
    var isDraining: Bool { drained != nil }

    init(
        _ configuration: HTTPServerConfiguration, _ router: Router, _ tasks: RequestTasks, _ eventLoop: any EventLoop,
        logger: Logger, total: Locked<Int>
    ) {
        self.configuration = configuration
        self.router = router
        self.tasks = tasks
        self.eventLoop = eventLoop
        self.logger = logger
        self.total = total
        replies = HTTPReplies(eventLoop)
        limits = Limits(configuration)
    }

    /// The configured times as the event loop counts them.
    struct Limits {
        let header: TimeAmount
        let body: TimeAmount
        let idle: TimeAmount
        let response: TimeAmount
        let write: TimeAmount

        init(_ configuration: HTTPServerConfiguration) {
            header = TimeAmount(configuration.headerTimeout)
            body = TimeAmount(configuration.bodyTimeout)
            idle = TimeAmount(configuration.idleTimeout)
            response = TimeAmount(configuration.responseTimeout)
            write = TimeAmount(configuration.writeTimeout)
        }

        var shortest: TimeAmount { min(header, body, idle, response, write) }
    }

    // MARK: Coming and going

    enum Admission {
        case welcome
        /// To be told 503.
        case overLimit
        /// Too many even to be told.
        case refused
    }

    func admit() -> Admission {
        let limit = configuration.maximumConnections
        return total.withLock { total in
            if total >= limit + max(16, limit / 10) { return .refused }
            total += 1
            return total > limit ? .overLimit : .welcome
        }
    }

    func add(_ connection: HTTPConnection) {
        connections[ObjectIdentifier(connection)] = connection
        if sweep == nil { startSweeping() }
    }

    func remove(_ connection: HTTPConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        total.withLock { $0 -= 1 }
        if connections.isEmpty {
            sweep?.cancel()
            sweep = nil
        }
        finishDraining()
    }

    func willAnswer() { unanswered += 1 }

    func didAnswer() {
        unanswered -= 1
        finishDraining()
    }

    // MARK: Buffers

    func takeBuffer() -> ByteBuffer {
        guard var buffer = spareBuffer.take() else { return ByteBufferAllocator().buffer(capacity: 1024) }
        buffer.clear()
        return buffer
    }

    func giveBack(_ buffer: ByteBuffer) {
        if buffer.capacity <= 16 * 1024 { spareBuffer = buffer }
    }

    // MARK: The end

    /// Ends idle connections now, the others after their current response; completes when none is left.
    func drain() -> EventLoopFuture<Void> {
        if let drained { return drained.futureResult }
        let promise = eventLoop.makePromise(of: Void.self)
        drained = promise
        for connection in connections.values { connection.drain() }
        finishDraining()
        return promise.futureResult
    }

    /// Ends all connections now, and after a second no longer waits for responders.
    func close() {
        for connection in connections.values { connection.close() }
        eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { self.abandon() }
    }

    private func abandon() {
        unanswered = 0
        finishDraining()
    }

    private func finishDraining() {
        if connections.isEmpty, unanswered <= 0 { drained?.succeed() }
    }

    // MARK: Deadlines

    private func startSweeping() {
        let quarter = TimeAmount.nanoseconds(limits.shortest.nanoseconds / 4)
        let interval = min(max(quarter, .milliseconds(5)), .seconds(1))
        let me = NIOLoopBound(self, eventLoop: eventLoop)
        sweep = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in me.value.endOverdue() }
    }

    private func endOverdue() {
        let now = NIODeadline.now()
        for connection in connections.values where connection.deadline <= now { connection.expire() }
    }
}
