import DequeModule
import NIOCore
import NIOHTTP1

extension HTTPConnection {
    /// Unsent bytes from which a burst of pipelined requests is flushed before its end.
    private static let flushThreshold = 64 * 1024

    /// Lets `body` add to what leaves with the next flush.
    func write(_ body: (inout ByteBuffer) -> Void) {
        var buffer = outgoing.take() ?? server.takeBuffer()
        body(&buffer)
        outgoing = buffer
        if buffer.readableBytes > Self.flushThreshold { flush() }
    }

    func flush() {
        guard let buffer = outgoing.take(), let context else { return }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        server.giveBack(buffer)
    }

    /// Answers by itself, drops what else has come, and ends the connection.
    func refuse(_ refusal: HTTPRefusal) {
        var answer = Answer()
        switch phase {
        case .body(let head):
            answer.correlationID = head.correlationID
            answer.isHead = head.head.method == .HEAD
        case .answering(let current):
            answer = current
            answer.keepsAlive = false
        case .idle, .head: break
        case .streaming, .closing, .closed: return
        }
        requestNumber += 1
        send(.error(refusal.status, refusal.error, refusal.message, answer.correlationID), answer)
    }

    func send(_ response: HTTPServerResponse, _ answer: Answer) {
        var answer = answer
        if server.isDraining { answer.keepsAlive = false }
        switch response.body {
        case .bytes(let bytes):
            write { buffer in
                ResponseEncoder.write(response, .length(bytes.count), answer, into: &buffer)
                if !answer.isHead, response.status.mayHaveResponseBody { buffer.writeBytes(bytes) }
            }
            finish(answer)
        case .stream(let body):
            if answer.isVersion10 { answer.keepsAlive = false }
            write { ResponseEncoder.write(response, answer.isVersion10 ? .untilClose : .chunked, answer, into: &$0) }
            if answer.isHead { finish(answer) } else { startStreaming(body, answer) }
        }
    }

    /// The response is complete: on to the next request, or the end.
    private func finish(_ answer: Answer) {
        guard answer.keepsAlive else { return endAfterFlush() }
        phase = .idle
        deadline = .now() + server.limits.idle
    }

    /// Sends what there is and closes the connection.
    func endAfterFlush() {
        phase = .closing
        deadline = .now() + server.limits.write
        pending = []
    }

    // MARK: Streams

    private func startStreaming(_ body: @escaping @Sendable (HTTPBodyWriter) async throws -> Void, _ answer: Answer) {
        let (ends, end) = AsyncStream.makeStream(of: Never.self)
        phase = .streaming(answer, end: end)
        deadline = .distantFuture
        flush()
        let writer = HTTPBodyWriter(connection: NIOLoopBound(self, eventLoop: server.eventLoop), end: ends)
        server.willAnswer()
        let isStarted = server.tasks.start {
            let error = await writer.run(body)
            writer.connection.eventLoop.execute { writer.connection.value.streamEnded(error) }
        }
        if !isStarted { streamEnded(CancellationError()) }
        if server.isDraining { end.finish() }
    }

    /// Sends a piece of the streamed body; completes when the kernel has taken it.
    func stream(_ bytes: [UInt8]) -> EventLoopFuture<Void> {
        guard case .streaming(let answer, _) = phase, let context else {
            return server.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        if bytes.isEmpty { return server.eventLoop.makeSucceededVoidFuture() }
        var buffer = server.takeBuffer()
        if answer.isVersion10 { buffer.writeBytes(bytes) } else { ResponseEncoder.writeChunk(bytes, into: &buffer) }
        let promise = server.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess {
            if case .streaming = self.phase { self.deadline = .distantFuture }
        }
        deadline = .now() + server.limits.write
        context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
        server.giveBack(buffer)
        return promise.futureResult
    }

    private func streamEnded(_ error: (any Error)?) {
        server.didAnswer()
        guard case .streaming(var answer, let end) = phase else { return }
        end.finish()
        // A stream that failed must not look complete: without its last chunk the client can tell.
        if let error, !(error is CancellationError && server.isDraining) { return close() }
        if !answer.isVersion10 { write { $0.writeStaticString("0\r\n\r\n") } }
        if server.isDraining { answer.keepsAlive = false }
        finish(answer)
        proceed()
    }
}
