import NIOCore

/// What other threads have answered, on its way to an event loop.
///
/// Answers that come before the loop gets to them share one of its tasks: a task each, with the system call that wakes
/// the loop, costs more than the answer.
final class HTTPReplies: Sendable {
    private struct Answered: Sendable {
        let reply: HTTPReply
        let result: Result<HTTPServerResponse, any Error>
    }

    private let eventLoop: any EventLoop
    private let waiting = Locked<[Answered]>([])

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func add(_ reply: HTTPReply, _ result: Result<HTTPServerResponse, any Error>) {
        let isFirst = waiting.withLock { waiting in
            waiting.append(Answered(reply: reply, result: result))
            return waiting.count == 1
        }
        if isFirst { eventLoop.execute { self.handOver() } }
    }

    private func handOver() {
        let all = waiting.withLock { waiting in
            defer { waiting.removeAll(keepingCapacity: waiting.capacity <= 256) }
            return waiting
        }
        for answered in all {
            answered.reply.connection.value.answered(answered.reply.requestNumber, answered.result)
        }
    }
}
