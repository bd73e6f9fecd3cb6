package import Logging

/// Writes each line where it is always written, and hands the JSON line to Loki's buffer; each has a level of its own.
///
/// On a terminal the former is text, the latter JSON as ever. A logger can be made quieter than both levels, never
/// noisier.
package struct PushedLogHandler: LogHandler {
    private var json: JSONLogHandler
    private var terminal: TextLogHandler?
    private let output: LogOutput
    private let push: @Sendable (Logger.Level, [UInt8]) -> Void
    private let levels: (console: Logger.Level, push: Logger.Level)
    private var floor = Logger.Level.trace

    /// `json` is written to `output`, or to nobody but Loki when there is a `terminal`; the handlers' levels count
    /// for what they write.
    package init(
        json: JSONLogHandler, terminal: TextLogHandler? = nil, output: LogOutput = .standardOutput,
        pushLevel: Logger.Level, push: @escaping @Sendable (Logger.Level, [UInt8]) -> Void
    ) {
        self.json = json
        self.terminal = terminal
        self.output = output
        self.push = push
        levels = (terminal?.logLevel ?? json.logLevel, pushLevel)
    }

    package var logLevel: Logger.Level {
        get { max(floor, min(levels.console, levels.push)) }
        set { floor = newValue }
    }

    package var metadata: Logger.Metadata {
        get { json.metadata }
        set {
            json.metadata = newValue
            terminal?.metadata = newValue
        }
    }

    package var metadataProvider: Logger.MetadataProvider? {
        get { json.metadataProvider }
        set {
            json.metadataProvider = newValue
            terminal?.metadataProvider = newValue
        }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { json[metadataKey: key] }
        set {
            json[metadataKey: key] = newValue
            terminal?[metadataKey: key] = newValue
        }
    }

    package func log(event: LogEvent) {
        let isForConsole = event.level >= levels.console
        if isForConsole, let terminal { terminal.log(event: event) }
        let isForPush = event.level >= levels.push
        guard isForPush || isForConsole && terminal == nil else { return }
        let line = json.line(event)
        if isForConsole, terminal == nil { output.write(line) }
        if isForPush { push(event.level, line) }
    }
}
