import Backfill
import Common
import NIOHTTP1
import ServiceLifecycle
import TestSupport

/// Stands for Twilio's list of messages; answers as it is told to, and takes down what it is asked.
struct FakeProvider: Sendable {
    static let account = "AC4c122831efef10ac68b5223dccd6f614"
    static let ours = "whatsapp:+14155238886"
    private static let root = "/2010-04-01/Accounts/\(account)"

    /// An answer out of the ordinary.
    enum Trouble: Sendable {
        case status(Int, retryAfter: Int? = nil)
        case body(String)
        case hang
    }

    let port: Int
    let server: HTTPServer
    private let state: Locked<State>

    private struct State {
        /// Oldest first.
        var messages: [ListedMessage] = []
        var troubles: [Trouble] = []
        var targets: [String] = []
        var next: String?
    }

    var url: String { "http://127.0.0.1:\(port)" }
    /// The targets of the requests so far.
    var targets: [String] { state.withLock { $0.targets } }

    func add(_ messages: ListedMessage...) { state.withLock { $0.messages += messages } }
    func add(_ messages: [ListedMessage]) { state.withLock { $0.messages += messages } }
    /// Has the next requests answered so.
    func trouble(_ troubles: Trouble...) { state.withLock { $0.troubles = troubles } }
    /// Has every page say that it goes on there.
    func next(_ uri: String) { state.withLock { $0.next = uri } }

    init() throws {
        let state = Locked(State())
        self.state = state
        port = try freePort()
        var configuration = HTTPServerConfiguration(port: port)
        configuration.host = "127.0.0.1"
        var router = Router()
        router.onAsync(.GET, "/2010-04-01/*") { request in
            let trouble = state.withLock { state in
                state.targets.append(request.target)
                return state.troubles.isEmpty ? nil : state.troubles.removeFirst()
            }
            switch trouble {
            case .status(let status, let retryAfter):
                var answer = HTTPServerResponse(status: HTTPResponseStatus(statusCode: status))
                if let retryAfter { answer.headers.add(name: "Retry-After", value: "\(retryAfter)") }
                return answer
            case .body(let text): return .json(text)
            case .hang:
                try? await Task.sleep(for: .seconds(60))
                return HTTPServerResponse(status: .ok)
            case nil: break
            }
            if request.path.hasSuffix("/Media.json") { return .json(Self.media(request.path, state.withLock { $0 })) }
            return .json(Self.page(request.query ?? "", state.withLock { $0 }))
        }
        server = HTTPServer(configuration: configuration, router: router, logger: quietLogger())
    }

    /// The settings with which this is Twilio.
    func configuration() -> TwilioConfiguration {
        var values = ConfigurationValues(environment: [
            "TWILIO_ACCOUNT_SID": Self.account, "TWILIO_AUTH_TOKEN": "token-of-the-tests",
            "TWILIO_WHATSAPP_NUMBER": Self.ours, "TWILIO_API_BASE_URL": url,
            "PUBLIC_BASE_URL": "https://bot.example.com",
        ])
        return TwilioConfiguration(reading: &values)
    }

    private static func page(_ query: String, _ state: State) -> String {
        let query = FormParameters(parsing: Array(query.utf8))
        let size = query?["PageSize"].flatMap { Int($0) } ?? 50
        let skip = query?["PageToken"].flatMap { Int($0) } ?? 0
        let found = state.messages.reversed().filter {
            $0.to == query?["To"] && $0.sent.rfc3339.prefix(10) == query?["DateSent"] ?? ""
        }
        let rest = found.dropFirst(skip)
        let next =
            state.next
            ?? (rest.count > size
                ? "\(root)/Messages.json?To=\(query?["To"]?.replacing("+", with: "%2B") ?? "")&DateSent=\(query?["DateSent"] ?? "")&PageSize=\(size)&PageToken=\(skip + size)"
                : nil)
        let json: JSONValue = ["messages": .array(rest.prefix(size).map(resource)), "next_page_uri": .string(next)]
        return json.text
    }

    private static func resource(_ message: ListedMessage) -> JSONValue {
        [
            "sid": .string(message.sid.text), "account_sid": .string(account),
            "direction": .string(message.isInbound ? "inbound" : "outbound-api"), "from": .string(message.from.text),
            "to": .string(message.to), "body": .string(message.body), "num_media": .string("\(message.mediaCount)"),
            "date_created": .string(message.created.rfc2822), "date_sent": .string(message.sent.rfc2822),
            "api_version": "2010-04-01", "messaging_service_sid": .null,
        ]
    }

    private static func media(_ path: String, _ state: State) -> String {
        let message = state.messages.first { path.contains($0.sid.text) }
        let items = (0..<(message?.mediaCount ?? 0)).map { index -> JSONValue in
            [
                "uri": .string("\(root)/Messages/\(message?.sid.text ?? "")/Media/ME\(index).json"),
                "content_type": "image/jpeg",
            ]
        }
        let json: JSONValue = ["media_list": .array(items), "next_page_uri": .null]
        return json.text
    }
}

/// Runs `body` with a provider, and a listing that asks it.
func withProvider<R: Sendable>(
    _ limits: BackfillLimits = .quick, _ body: @Sendable (FakeProvider, MessageListing) async throws -> R
) async throws -> R {
    let provider = try FakeProvider()
    let reactor = Reactor(name: "backfill-tests")
    let http = HTTPClient(reactor: reactor)
    let group = ServiceGroup(services: [provider.server], logger: quietLogger())
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        try await until("the provider listens") { connects(toPort: provider.port) }
        let listing = MessageListing(http: http, configuration: provider.configuration(), limits: limits)
        let result: Result<R, any Error>
        do { result = .success(try await body(provider, listing)) } catch { result = .failure(error) }
        await http.close()
        tasks.cancelAll()
        while (try? await tasks.next()) != nil {}
        reactor.stop()
        return try result.get()
    }
}

extension BackfillLimits {
    /// As in a process, with less patience.
    static var quick: BackfillLimits {
        var limits = BackfillLimits()
        limits.backoff = Backoff(base: .milliseconds(1), cap: .milliseconds(5))
        limits.request = .milliseconds(500)
        limits.lease = .seconds(2)
        return limits
    }
}
