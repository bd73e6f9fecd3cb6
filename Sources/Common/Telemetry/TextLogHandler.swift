package import Logging

/// Log lines for a person at a terminal: time, level, message, fields.
package struct TextLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level
    private let process: String
    private let output: LogOutput
    private let clock = LogClock()

    package init(
        process: String, level: Logger.Level = .info, provider: Logger.MetadataProvider? = LogContext.provider,
        output: LogOutput = .standardOutput
    ) {
        self.process = process
        self.output = output
        logLevel = level
        metadataProvider = provider
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let level = event.level.rawValue.uppercased()
        var line = clock.text().dropFirst(11).dropLast() + Array("  \(level)".utf8)
        line += [UInt8](repeating: UInt8(ascii: " "), count: max(1, 9 - level.utf8.count))
        line += "\(process)  \(event.message)".utf8
        for (key, value) in event.fields(metadata, metadataProvider) { line += "  \(key)=\(value)".utf8 }
        // What came from outside may hold escape sequences for the terminal.
        output.write(line.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 } + [UInt8(ascii: "\n")])
    }
}
