package import NIOHTTP1

/// What is answered to a request; lengths, framing and `X-Correlation-ID` are the server's to add.
package struct HTTPServerResponse: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Written while it is being made, until the closure returns; its task is cancelled when the client goes away
        /// or the server shuts down, and the connection is cut when it throws.
        case stream(@Sendable (HTTPBodyWriter) async throws -> Void)
    }

    package var status: HTTPResponseStatus
    package var headers: HTTPHeaders
    package var body: Body

    package init(status: HTTPResponseStatus, headers: HTTPHeaders = [:], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package static func text(
        _ text: String, status: HTTPResponseStatus = .ok, type: String = "text/plain; charset=utf-8"
    ) -> HTTPServerResponse {
        HTTPServerResponse(status: status, headers: [("Content-Type", type)], body: .bytes(Array(text.utf8)))
    }

    package static func json(_ text: String, status: HTTPResponseStatus = .ok) -> HTTPServerResponse {
        .text(text, status: status, type: "application/json")
    }

    package static func json(_ bytes: [UInt8], status: HTTPResponseStatus = .ok) -> HTTPServerResponse {
        HTTPServerResponse(status: status, headers: [("Content-Type", "application/json")], body: .bytes(bytes))
    }

    /// The form that every error has: `{"error":…,"message":…,"correlation_id":…}`.
    ///
    /// `error` is a word for programs, `message` a sentence for people; neither may hold personal data.
    package static func error(
        _ status: HTTPResponseStatus, _ error: String, _ message: String, _ correlationID: CorrelationID
    ) -> HTTPServerResponse {
        var text = "{\"error\":"
        text.appendJSON(error)
        text += ",\"message\":"
        text.appendJSON(message)
        text += ",\"correlation_id\":"
        text.appendJSON(correlationID.text)
        text += "}"
        return .json(text, status: status)
    }

    private init(status: HTTPResponseStatus, headers: [(String, String)], body: Body) {
        self.init(status: status, headers: HTTPHeaders(headers), body: body)
    }
}

extension String {
    /// Appends `text` as a JSON string, quotes included.
    fileprivate mutating func appendJSON(_ text: String) {
        append("\"")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\u{0}"..<"\u{20}": append("\\u00" + [UInt8(scalar.value)].hex)
            default: unicodeScalars.append(scalar)
            }
        }
        append("\"")
    }
}
