import Logging
import NIOHTTP1

/// Requests to Loki's push API, in its JSON form.
///
/// A stream a level: `{"streams":[{"stream":{labels},"values":[["<ns>","<line>"],…]},…]}`. Labels are few and of few
/// values, as Loki wants them; all else is in the line, which is JSON.
package struct LokiRequest: Sendable {
    private let configuration: LokiConfiguration
    /// Name and value, apart from `level`.
    private let labels: [(name: String, value: String)]

    package init(_ configuration: LokiConfiguration, service: String, process: String, environment: String) {
        self.configuration = configuration
        labels = [("service", service), ("process", process), ("environment", environment)]
    }

    package func request(_ entries: [LokiEntry]) -> HTTPRequest {
        var request = HTTPRequest(.POST, configuration.url, body: body(entries))
        request.headers = ["Content-Type": "application/json", "User-Agent": "whatsapp-handler/\(Build.version)"]
        if let user = configuration.user, let password = configuration.password {
            request.basicAuthentication = (user, password)
        }
        return request
    }

    /// The body; levels in the order in which they first occur.
    package func body(_ entries: [LokiEntry]) -> [UInt8] {
        var levels: [Logger.Level] = []
        for entry in entries where !levels.contains(entry.level) { levels.append(entry.level) }
        var body = Array(#"{"streams":["#.utf8)
        body.reserveCapacity(entries.reduce(256) { $0 + $1.line.count + $1.line.count / 8 + 40 })
        for (index, level) in levels.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            let members = (labels + [("level", level.rawValue)]).map { JSONValue.Member($0.name, .string($0.value)) }
            body += Array(#"{"stream":"#.utf8)
            JSONValue.object(members).append(to: &body)
            body += Array(#","values":["#.utf8)
            var isFirst = true
            for entry in entries where entry.level == level {
                if !isFirst { body.append(UInt8(ascii: ",")) }
                isFirst = false
                body += "[\"\(entry.nanoseconds)\",\"".utf8
                Self.append(entry.line, to: &body)
                body += Array("\"]".utf8)
            }
            body += Array("]}".utf8)
        }
        return body + Array("]}".utf8)
    }

    /// Escapes a line of ours, which is JSON and so without control characters.
    private static func append(_ line: [UInt8], to body: inout [UInt8]) {
        for byte in line {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { body.append(UInt8(ascii: "\\")) }
            body.append(byte < 0x20 ? UInt8(ascii: " ") : byte)
        }
    }
}
