import Common

/// A request that Twilio refuses, with its HTTP status and its code in the error dictionary.
struct APIError: Error, Hashable, Sendable {
    let status: Int
    let code: Int
    let message: String

    /// `{"code", "message", "more_info", "status"}`, as the API answers.
    var json: JSONValue {
        [
            "code": .integer(code), "message": .string(message),
            "more_info": .string("https://www.twilio.com/docs/errors/\(code)"), "status": .integer(status),
        ]
    }

    static let notAuthenticated = APIError(status: 401, code: 20003, message: "Authenticate")
    static func notFound(_ path: String) -> APIError {
        APIError(status: 404, code: 20404, message: "The requested resource \(path) was not found")
    }
    static let tooManyRequests = APIError(status: 429, code: 20429, message: "Too Many Requests")
    static let internalError = APIError(status: 500, code: 20500, message: "An internal server error has occurred")
    static let unavailable = APIError(status: 503, code: 20503, message: "Service is temporarily unavailable")
    static func invalid(_ code: Int, _ message: String) -> APIError {
        APIError(status: 400, code: code, message: message)
    }
}
