package import Logging

/// The log lines that wait for Loki, in the order in which they were written.
package struct LokiBuffer: Sendable {
    package let buffer: PushBuffer<LokiEntry>
    private let lastTime = Locked<Int64>(0)

    /// What a line takes in a request besides its text: its time, quotes, and backslashes before quotes.
    private static let overhead = 96

    package init(limits: PushLimits = PushLimits()) { buffer = PushBuffer(.loki, limits: limits) }

    /// Adds a line, which may end in a line end; never waits.
    package func add(_ level: Logger.Level, _ line: [UInt8]) {
        let text = line.last == UInt8(ascii: "\n") ? Array(line.dropLast()) : line
        let time = lastTime.withLock { last in
            last = max(last + 1, Timestamp.now.microseconds * 1000)
            return last
        }
        buffer.add(LokiEntry(level: level, nanoseconds: time, line: text), bytes: text.count + Self.overhead)
    }
}
