import NIOCore

/// The body of a response that is still being made.
package struct HTTPBodyWriter: Sendable {
    let connection: NIOLoopBound<HTTPConnection>
    /// Finished when the stream is to end: the client has gone, or the server shuts down.
    let end: AsyncStream<Never>

    /// Returns once the bytes have left for the network, so that a slow client slows its stream instead of filling memory.
    ///
    /// Throws `CancellationError` when the stream is to end, `ChannelError` or `IOError` when the client has gone.
    package func write(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        try await connection.eventLoop.flatSubmit { connection.value.stream(bytes) }.get()
    }

    package func write(_ text: String) async throws { try await write(Array(text.utf8)) }

    /// Runs `body` until it ends or is to end, whichever comes first; what it threw, if it did.
    func run(_ body: @escaping @Sendable (HTTPBodyWriter) async throws -> Void) async -> (any Error)? {
        await withTaskGroup(of: (ended: Bool, error: (any Error)?).self) { group in
            group.addTask {
                do {
                    try await body(self)
                    return (true, nil)
                } catch {
                    return (true, error)
                }
            }
            group.addTask {
                for await _ in end {}
                return (false, nil)
            }
            var failure: (any Error)?
            while let outcome = await group.next() {
                group.cancelAll()
                if outcome.ended { failure = outcome.error }
            }
            return failure
        }
    }
}
