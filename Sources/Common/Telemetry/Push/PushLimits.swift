/// How much waits to be pushed, and how it is cut into requests.
///
/// Besides what waits, one batch may be on its way: the memory taken is at most `bytes` and `batchBytes` together.
package struct PushLimits: Hashable, Sendable {
    /// The most entries that wait.
    package var count: Int
    /// The most bytes that wait, as the entries' sizes were given.
    package var bytes: Int
    /// The most entries of one request.
    package var batchCount: Int
    /// The most bytes of one request's entries; a bigger entry goes alone.
    package var batchBytes: Int
    /// How long an entry waits for others to go with.
    package var linger: Duration

    package init(
        count: Int = 10_000, bytes: Int = 4 * 1024 * 1024, batchCount: Int = 1000, batchBytes: Int = 512 * 1024,
        linger: Duration = .seconds(1)
    ) {
        self.count = count
        self.bytes = bytes
        self.batchCount = max(1, batchCount)
        self.batchBytes = batchBytes
        self.linger = linger
    }
}
