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
        case .end: if case .body(let head, let body) = phase { dispatch(head, body ?? ByteBuffer()) }
        }
    }

    private func begin(_ head: RequestHead) {
        phase = .body(head, nil)
        deadline = .now() + TimeAmount(server.configuration.bodyTimeout)
        if let refusal = head.refusal { return refuse(refusal) }
        if let length = head.contentLength, length > server.configuration.maximumBody { return refuse(.bodyTooLarge) }
        if head.expectsContinue, head.contentLength != 0 {
            write { $0.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n") }
        }
    }

    private func append(_ bytes: ByteBuffer) {
        guard case .body(let head, let soFar) = phase else { return }
        if (soFar?.readableBytes ?? 0) + bytes.readableBytes > server.configuration.maximumBody {
            return refuse(.bodyTooLarge)
        }
        guard var body = soFar else {
            phase = .body(head, bytes)
            return
        }
        phase = .head  // so that `body` is the only reference and grows in place
        body.writeImmutableBuffer(bytes)
        phase = .body(head, body)
    }

    private func dispatch(_ head: RequestHead, _ body: ByteBuffer) {
        phase = .answering(
            Answer(
                correlationID: head.correlationID, trace: head.trace, keepsAlive: head.keepsAlive,
                isVersion10: !head.isVersion11, isHead: head.head.method == .HEAD))
        deadline = .now() + TimeAmount(server.configuration.responseTimeout)
        requestNumber += 1
        let number = requestNumber
        let request = HTTPServerRequest(
            head: head.head, body: body, correlationID: head.correlationID, trace: head.trace,
            remoteAddress: remoteAddress, eventLoop: server.eventLoop, tasks: server.tasks)
        server.willAnswer()
        server.router.respond(to: request).hop(to: server.eventLoop).assumeIsolated().whenComplete { result in
            self.answered(number, result)
        }
    }

    private func answered(_ number: Int, _ result: Result<HTTPServerResponse, any Error>) {
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
