import Logging
import NIOCore
import NIOHTTP1

extension HTTPConnection {
    /// How the current request wants its response.
    struct Answer {
        var correlationID = CorrelationID()
        var trace: TraceParent?
        var keepsAlive = false
        var isVersion10 = false
        var isHead = false
    }

    func process(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head): begin(RequestHead(head))
        case .body(let bytes): append(bytes)
        case .end: if case .body(let head) = phase { dispatch(head) }
        }
    }

    private func begin(_ head: RequestHead) {
        phase = .body(head)
        deadline = .now() + server.limits.body
        if let refusal = head.refusal { return refuse(refusal) }
        if let length = head.contentLength, length > server.configuration.maximumBody { return refuse(.bodyTooLarge) }
        if head.expectsContinue, head.contentLength != 0 {
            write { $0.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n") }
        }
    }

    private func append(_ bytes: ByteBuffer) {
        guard case .body = phase else { return }
        if (body?.readableBytes ?? 0) + bytes.readableBytes > server.configuration.maximumBody {
            return refuse(.bodyTooLarge)
        }
        if body == nil { body = bytes } else { body?.writeImmutableBuffer(bytes) }
    }

    private func dispatch(_ head: RequestHead) {
        phase = .answering(
            Answer(
                correlationID: head.correlationID, trace: head.trace, keepsAlive: head.keepsAlive,
                isVersion10: !head.isVersion11, isHead: head.head.method == .HEAD))
        deadline = .now() + server.limits.response
        requestNumber += 1
        let request = HTTPServerRequest(
            head: head.head, body: body.take() ?? ByteBuffer(), correlationID: head.correlationID, trace: head.trace,
            remoteAddress: remoteAddress, eventLoop: server.eventLoop, tasks: server.tasks)
        server.willAnswer()
        server.router.respond(
            to: request,
            HTTPReply(
                connection: NIOLoopBound(self, eventLoop: server.eventLoop), requestNumber: requestNumber,
                replies: server.replies))
    }

    /// Takes the answer to a request, which may come too late.
    func answered(_ number: Int, _ result: Result<HTTPServerResponse, any Error>) {
        server.didAnswer()
        guard number == requestNumber, case .answering(let answer) = phase else { return }
        switch result {
        case .success(let response): send(response, answer)
        case .failure(let error):
            var metadata: Logger.Metadata = [
                "error": "\(type(of: error))", "correlation_id": "\(answer.correlationID)",
            ]
            metadata.add(answer.trace)
            server.logger.error("a responder failed", metadata: metadata)
            let response = HTTPServerResponse.error(
                .internalServerError, "internal_error", "Something went wrong here.", answer.correlationID)
            send(response, answer)
        }
        proceed()
    }
}
