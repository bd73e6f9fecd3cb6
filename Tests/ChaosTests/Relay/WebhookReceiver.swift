import Common
import Logging
import NIOHTTP1
import TestSupport

/// An endpoint that events are posted to, which remembers what it took and in what order.
final class WebhookReceiver: Sendable {
    /// What became of an attempt.
    enum Mood: Sendable {
        case taking
        /// Every request is answered 503.
        case dead
        /// The first of so many new events is answered 422, again and again.
        case poisoned(oneIn: Int)
    }

    private struct State {
        var mood = Mood.taking
        /// First deliveries, of each ordering key, in order: the event's id and its place in the log.
        var taken: [String: [String]] = [:]
        var ids: Set<String> = []
        var repeated = 0
        var refused: Set<String> = []
    }

    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    let port: Int
    private let state = Locked(State())

    init() throws { port = try freePort() }

    var url: String { "http://127.0.0.1:\(port)/events" }
    func become(_ mood: Mood) { state.withLock { $0.mood = mood } }

    var taken: [String: [String]] { state.withLock { $0.taken } }
    var count: Int { state.withLock { $0.ids.count } }
    var repeated: Int { state.withLock { $0.repeated } }
    var refused: Set<String> { state.withLock { $0.refused } }

    /// Answers beside `body`.
    func run<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        var router = Router()
        router.onSync(.POST, "/events") { [self] in answer($0) }
        var logger = Logger(label: "receiver")
        logger.logLevel = .critical
        let server = HTTPServer(
            configuration: HTTPServerConfiguration(port: port), router: router, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            try await until("the receiver listens") { connects(toPort: port) }
            let result: Result<R, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            group.cancelAll()
            while (try? await group.next()) != nil {}
            return try result.get()
        }
    }

    private func answer(_ request: HTTPServerRequest) -> HTTPServerResponse {
        guard let event = JSONValue(parsing: request.bytes), case .object(let members) = event,
            case .string(let id)? = members.first(where: { $0.name == "id" })?.value,
            case .string(let key)? = members.first(where: { $0.name == "subject" })?.value,
            request.headers.first(name: "webhook-id") == id, request.headers.contains(name: "webhook-signature")
        else { return .text("no event", status: .badRequest) }
        return state.withLock { state in
            switch state.mood {
            case .taking: break
            case .dead: return .text("dead", status: .serviceUnavailable)
            case .poisoned(let number):
                let isNew = !state.ids.contains(id) && !state.refused.contains(id)
                if state.refused.contains(id) || isNew && (state.ids.count + state.refused.count) % number == 0 {
                    state.refused.insert(id)
                    return .text("poison", status: .unprocessableEntity)
                }
            }
            if state.ids.insert(id).inserted {
                state.taken[key, default: []].append(id)
            } else {
                state.repeated += 1
            }
            return .text("", status: .ok)
        }
    }
}
