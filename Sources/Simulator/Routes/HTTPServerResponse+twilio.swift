import Common
import NIOHTTP1

extension HTTPServerResponse {
    /// An answer of the API, with the headers that it always has.
    static func twilio(_ json: JSONValue, status: HTTPResponseStatus = .ok) -> HTTPServerResponse {
        var response = HTTPServerResponse.json(json.text, status: status)
        response.headers.replaceOrAdd(name: "Content-Type", value: "application/json;charset=utf-8")
        response.headers.add(name: "Twilio-Request-Id", value: Message.newSID("RQ"))
        response.headers.add(name: "Twilio-Concurrent-Requests", value: "1")
        return response
    }

    static func refusal(_ error: APIError) -> HTTPServerResponse {
        var response = twilio(error.json, status: HTTPResponseStatus(statusCode: error.status))
        if error.status == 401 {
            response.headers.add(name: "WWW-Authenticate", value: "Basic realm=\"Twilio API\"")
        }
        return response
    }

    /// No answer: the connection ends.
    static var reset: HTTPServerResponse {
        HTTPServerResponse(status: .ok, body: .stream { _ in throw APIError.unavailable })
    }
}
