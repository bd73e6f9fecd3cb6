import NIOHTTP1

/// Why the server answers by itself and closes the connection.
struct HTTPRefusal: Hashable {
    let status: HTTPResponseStatus
    let error: String
    let message: String

    static let malformed = HTTPRefusal(
        status: .badRequest, error: "bad_request", message: "The request is not valid HTTP/1.1.")
    static let headTooLarge = HTTPRefusal(
        status: .requestHeaderFieldsTooLarge, error: "headers_too_large",
        message: "The request's headers are too large.")
    static let bodyTooLarge = HTTPRefusal(
        status: .payloadTooLarge, error: "body_too_large", message: "The request's body is too large.")
    static let tooSlow = HTTPRefusal(
        status: .requestTimeout, error: "request_timeout", message: "The request took too long to arrive.")
    static let expectationFailed = HTTPRefusal(
        status: .expectationFailed, error: "expectation_failed",
        message: "The Expect header asks for what is not done here.")
    static let overloaded = HTTPRefusal(
        status: .serviceUnavailable, error: "overloaded", message: "There are too many connections; try again.")
    static let responseTimeout = HTTPRefusal(
        status: .serviceUnavailable, error: "response_timeout", message: "The answer took too long to make.")

    /// What the parser complained about.
    init(_ error: HTTPParserError) { self = error == .headerOverflow ? .headTooLarge : .malformed }

    private init(status: HTTPResponseStatus, error: String, message: String) {
        self.status = status
        self.error = error
        self.message = message
    }
}
