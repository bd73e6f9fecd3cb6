import NIOCore

/// Answers one request, once, from any thread.
package struct HTTPReply: Sendable {
    let connection: NIOLoopBound<HTTPConnection>
    /// Tells its request from later ones of the connection.
    let requestNumber: Int
    let replies: HTTPReplies

    package func callAsFunction(_ response: HTTPServerResponse) { complete(.success(response)) }

    /// As above; an error is answered 500.
    package func complete(_ result: Result<HTTPServerResponse, any Error>) {
        if connection.eventLoop.inEventLoop {
            connection.value.answered(requestNumber, result)
        } else {
            replies.add(self, result)
        }
    }
}
