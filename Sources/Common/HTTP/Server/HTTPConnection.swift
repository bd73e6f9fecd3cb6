import DequeModule
import NIOCore
import NIOHTTP1

/// One connection of the server: puts requests together and has them answered one at a time, in order.
///
/// Confined to its event loop. While a response is being made one read of what follows is taken at most, and waits in
/// `pending`: asking the system for readiness only between requests would be two calls to it for each. Responses gather
/// in `outgoing` and leave once a read burst.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Nothing of the next request has come.
        case idle
        /// The first bytes of a head have.
        case head
        case body(RequestHead)
        case answering(Answer)
        case streaming(Answer, end: AsyncStream<Never>.Continuation)
        /// The last bytes are on their way; what comes in is thrown away.
        case closing
        case closed
    }

    enum Pending {
        case part(HTTPServerRequestPart)
        case failure(HTTPRefusal)
    }

    /// Parts that may wait while a response is being made: more than one read brings.
    static let maximumPending = 4096

    let server: ServerConnections
    private let isOverLimit: Bool
    var phase = Phase.idle
    /// When the current phase has taken too long.
    var deadline: NIODeadline
    var context: ChannelHandlerContext?
    var pending: Deque<Pending> = []
    /// What has come of the current request's body.
    var body: ByteBuffer?
    var outgoing: ByteBuffer?
    /// Tells the answer to the current request from one that comes too late.
    var requestNumber = 0
    lazy var remoteAddress = context?.remoteAddress?.plainIPAddress
    private var hasInputEnded = false
    private var hasInputFailed = false
    private var hasClosingBegun = false
    /// While parts are being gone through, at whose end all is flushed.
    private var isInBurst = false
    private var hasPartCome = false
    /// From when more is asked for of the socket until something comes.
    private var isReading = false
    private var isWritable = true

    init(_ server: ServerConnections, isOverLimit: Bool) {
        self.server = server
        self.isOverLimit = isOverLimit
        deadline = .now() + server.limits.header
    }

    // MARK: What the channel tells

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        server.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        if isOverLimit { refuse(.overloaded) }
        proceed()
    }

    func channelInactive(context: ChannelHandlerContext) { ended() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isDone { return }
        isInBurst = true
        hasPartCome = true
        let part = unwrapInboundIn(data)
        if pending.isEmpty, canProcess {
            process(part)
        } else if pending.count < Self.maximumPending {
            pending.append(.part(part))
        } else {
            close()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if case .idle = phase, pending.isEmpty, !hasPartCome {
            phase = .head
            deadline = .now() + server.limits.header
        }
        hasPartCome = false
        isInBurst = false
        proceed()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable { proceed() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelEvent, event == .inputClosed else { return }
        hasInputEnded = true
        switch phase {
        case .streaming: close()
        case .closing: if hasClosingBegun { close() }
        case .idle, .head, .body, .answering, .closed: proceed()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            if !(error is ByteToMessageDecoderError) { close() }
            return
        }
        guard !hasInputFailed, !isDone else { return }
        hasInputFailed = true
        pending.append(.failure(HTTPRefusal(error)))
        proceed()
    }

    // MARK: What the server tells

    /// The current phase's time is up.
    func expire() {
        switch phase {
        case .idle, .closing, .streaming: close()
        case .head, .body: refuse(.tooSlow)
        case .answering: refuse(.responseTimeout)
        case .closed: break
        }
        proceed()
    }

    /// No request after the current one.
    func drain() {
        switch phase {
        case .idle: if pending.isEmpty { close() }
        case .streaming(_, let end): end.finish()
        case .head, .body, .answering, .closing, .closed: break
        }
    }

    func close() {
        context?.close(promise: nil)
        ended()
    }

    private func ended() {
        if case .streaming(_, let end) = phase { end.finish() }
        phase = .closed
        pending = []
        body = nil
        outgoing = nil
        server.remove(self)
    }

    // MARK: Going on

    var isDone: Bool {
        switch phase {
        case .closing, .closed: true
        case .idle, .head, .body, .answering, .streaming: false
        }
    }

    private var canProcess: Bool {
        switch phase {
        case .idle, .head, .body: isWritable
        case .answering, .streaming, .closing, .closed: false
        }
    }

    /// Whether there is room for what the socket has.
    private var canRead: Bool {
        guard pending.isEmpty, !hasInputEnded else { return false }
        return switch phase {
        case .idle, .head, .body, .answering: isWritable
        case .closing: hasClosingBegun
        case .streaming, .closed: false
        }
    }

    /// Does what can be done now: pending parts, then one flush, then more from the socket.
    func proceed() {
        if isInBurst { return }
        isInBurst = true
        while canProcess, let next = pending.popFirst() {
            switch next {
            case .part(let part): process(part)
            case .failure(let refusal): refuse(refusal)
            }
        }
        isInBurst = false
        if hasInputEnded, pending.isEmpty, canProcess { endAfterFlush() }
        flush()
        if case .closing = phase, !hasClosingBegun { finishWriting() }
        if canRead, !isReading {
            isReading = true
            context?.read()
        }
    }

    /// Sends what there is, tells the client that no more comes, and waits a little until it has closed its side.
    ///
    /// Closing at once would let the kernel answer unread input with a reset, which can overtake the response
    /// (RFC 9112, 9.6).
    private func finishWriting() {
        guard let context else { return }
        hasClosingBegun = true
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.linger() }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
    }

    private func linger() {
        guard case .closing = phase, let context else { return }
        if hasInputEnded { return close() }
        deadline = .now() + .seconds(1)
        context.close(mode: .output, promise: nil)
    }
}

extension SocketAddress {
    /// The IP address alone, an IPv4 address that came through an IPv6 socket in its own form.
    fileprivate var plainIPAddress: String? {
        guard let text = ipAddress else { return nil }
        return text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
    }
}
