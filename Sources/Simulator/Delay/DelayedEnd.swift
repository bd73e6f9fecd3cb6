import NIOCore

/// One end of a delayed connection: what comes in here leaves at the other end when its time has come, in order.
///
/// Confined to its event loop, which both ends share. It stops reading while it holds `limit` bytes, and what the other end's
/// socket does not take stays here: a slow reader there slows the writer here, as without a proxy.
final class DelayedEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Piece {
        case bytes(ByteBuffer)
        /// Nothing more will come, but there may still be an answer.
        case end
        case closed
    }

    /// Bytes on their way in one direction of one connection: 8 GB/s at half a millisecond.
    static let limit = 4 << 20

    private let line: DelayLine
    private weak var other: DelayedEnd?
    private var context: ChannelHandlerContext?
    private var held = CircularBuffer<Piece>()
    private var heldBytes = 0
    /// How many of the held pieces may leave.
    private var due = 0
    private var isPaused = false

    private init(_ line: DelayLine) { self.line = line }

    /// The ends of one connection.
    ///
    /// Reading begins when the accepted one is active: the other is by then.
    static func pair(_ line: DelayLine) -> (accepted: DelayedEnd, connected: DelayedEnd) {
        let ends = (DelayedEnd(line), DelayedEnd(line))
        ends.0.other = ends.1
        ends.1.other = ends.0
        return ends
    }

    // MARK: What comes in

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        // The one that connects has nobody to write to before the other is there.
        guard let other, other.context?.channel.isActive == true else { return }
        context.read()
        other.context?.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { hold(.bytes(unwrapInboundIn(data))) }

    func channelReadComplete(context: ChannelHandlerContext) {
        if heldBytes < Self.limit { context.read() } else { isPaused = true }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { hold(.end) }
    }

    func channelInactive(context: ChannelHandlerContext) { hold(.closed) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func hold(_ piece: Piece) {
        if case .bytes(let buffer) = piece { heldBytes += buffer.readableBytes }
        held.append(piece)
        line.add(self)
    }

    // MARK: What goes out

    /// One more piece may leave; whether `forward` is to be called, which sees to all at once.
    func release() -> Bool {
        due += 1
        return due == 1
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { other?.forward() }
    }

    /// Hands over what may leave, as far as the other end takes it.
    func forward() {
        guard let target = other?.context else {
            // It is closed: whoever writes here is to learn that.
            held.removeAll()
            (due, heldBytes) = (0, 0)
            context?.close(promise: nil)
            return
        }
        var hasWritten = false
        while due > 0, target.channel.isWritable, let piece = held.popFirst() {
            due -= 1
            switch piece {
            case .bytes(let buffer):
                heldBytes -= buffer.readableBytes
                target.write(wrapOutboundOut(buffer), promise: nil)
                hasWritten = true
            case .end: close(target, .output)
            case .closed: close(target, .all)
            }
        }
        if hasWritten { target.flush() }
        if isPaused, heldBytes < Self.limit / 2 {
            isPaused = false
            context?.read()
        }
    }

    /// Closes it when all that was written has left.
    private func close(_ target: ChannelHandlerContext, _ mode: CloseMode) {
        let channel = NIOLoopBound(target, eventLoop: target.eventLoop)
        target.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            channel.value.close(mode: mode, promise: nil)
        }
    }
}
