package import Logging

/// The log lines that wait for Loki, in the order in which they were written.
package struct LokiBuffer: Sendable {
    package let buffer: PushBuffer<LokiEntry>
    private let lastTime = Locked<Int64>(0)

    /// What a line takes in a request besides its text: its time, quotes, and backslashes before quotes.
    private static let overhead = 96

    /// How far the times of lines that come at once may run ahead of the clock, in nanoseconds.
    private static let longestLead: Int64 = 1_000_000_000

    package init(limits: PushLimits = PushLimits()) { buffer = PushBuffer(.loki, limits: limits) }

    /// Adds a line, which may end in a line end; never waits.
    package func add(_ level: Logger.Level, _ line: [UInt8]) {
        let text = line.last == UInt8(ascii: "\n") ? Array(line.dropLast()) : line
        let time = lastTime.withLock { last in
            let now = Timestamp.now.microseconds * 1000
            // A clock that was far ahead once is not followed for ever: Loki refuses what is of the future.
            last = now > last || last - now > Self.longestLead ? now : last + 1
            return last
        }
        buffer.add(LokiEntry(level: level, nanoseconds: time, line: text), bytes: text.count + Self.overhead)
    }
}
