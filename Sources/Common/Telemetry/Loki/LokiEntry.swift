package import Logging

/// A log line on its way to Loki.
package struct LokiEntry: Hashable, Sendable {
    package var level: Logger.Level
    /// Since 1970; no two entries of a process have the same, since Loki takes those with the same text for one.
    package var nanoseconds: Int64
    /// As on standard output, without the line end.
    package var line: [UInt8]

    package init(level: Logger.Level, nanoseconds: Int64, line: [UInt8]) {
        self.level = level
        self.nanoseconds = nanoseconds
        self.line = line
    }
}
