package import Logging

/// One JSON object a line: timestamp, level, service, process, message, then the fields in alphabetical order.
///
/// A text is cut at 8 kB. Whole numbers, finite fractions and truth values given as `.stringConvertible` stay what they are.
package struct JSONLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level
    private let service: String
    private let process: String
    private let output: LogOutput
    private let clock: LogClock

    /// Fields that belong to the line; metadata of the same name gets an underscore behind its name.
    private static let reserved: Set<String> = ["timestamp", "level", "service", "process", "message"]

    package init(
        service: String, process: String, level: Logger.Level = .info,
        provider: Logger.MetadataProvider? = LogContext.provider, output: LogOutput = .standardOutput
    ) {
        self.service = service
        self.process = process
        self.output = output
        logLevel = level
        metadataProvider = provider
        clock = LogClock()
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) { output.write(line(event)) }

    /// The line, with its end.
    package func line(_ event: LogEvent) -> [UInt8] {
        var line = JSONLine()
        line.field("timestamp", plain: clock.text())
        line.field("level", event.level.rawValue)
        line.field("service", service)
        line.field("process", process)
        line.field("message", "\(event.message)")
        for (key, value) in event.fields(metadata, metadataProvider) {
            line.key(Self.reserved.contains(key) ? key + "_" : key)
            line.value(value)
        }
        return line.closed() + [UInt8(ascii: "\n")]
    }
}

extension JSONLine {
    fileprivate mutating func value(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): string(text)
        case .stringConvertible(let convertible): convertibleValue(convertible)
        case .array(let values):
            raw("[")
            for (index, value) in values.enumerated() {
                if index > 0 { raw(",") }
                self.value(value)
            }
            raw("]")
        case .dictionary(let values):
            raw("{")
            for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                self.key(key)
                self.value(value)
            }
            raw("}")
        }
    }

    private mutating func convertibleValue(_ value: any CustomStringConvertible & Sendable) {
        switch value {
        case let number as Int: raw(number.description)
        case let number as Int64: raw(number.description)
        case let number as Double where number.isFinite: raw(number.description)
        case let truth as Bool: raw(truth ? "true" : "false")
        case _: string(value.description)
        }
    }
}

extension LogEvent {
    /// The handler's metadata, what the task carries and the event's own, the later winning, in alphabetical order.
    func fields(
        _ handler: Logger.Metadata, _ provider: Logger.MetadataProvider?
    ) -> [(key: String, value: Logger.MetadataValue)] {
        var all = handler
        if let provided = provider?.get() { all.merge(provided) { $1 } }
        if let metadata { all.merge(metadata) { $1 } }
        if let error { all["error"] = .string("\(error)") }
        return all.sorted { $0.key < $1.key }
    }
}
