import NIOCore

/// Answers one request, once, from any thread.
package struct HTTPReply: Sendable {
    let promise: EventLoopPromise<HTTPServerResponse>

    package func callAsFunction(_ response: HTTPServerResponse) { promise.succeed(response) }
}
