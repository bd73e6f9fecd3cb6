import Common
import NIOHTTP1

extension Router {
    /// Adds a route that is for the page and for tests alone: nothing of it is cached, and no other page may use it.
    mutating func onPage(
        _ method: HTTPMethod, _ path: String,
        _ respond: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse
    ) {
        onAsync(method, path) { request in
            guard SameOrigin.allows(request) else {
                return .error(.forbidden, "forbidden", "Only the chat page may ask this.", request.correlationID)
            }
            var response = await respond(request)
            response.headers.replaceOrAdd(name: "Cache-Control", value: "no-store")
            return response
        }
    }
}
