import Common
import Logging
import NIOHTTP1
import ServiceLifecycle
import TestSupport

/// Twilio's Messages API as a test wants it: each create call is answered as the script says, then with 201.
final class ScriptedTwilio: Sendable {
    /// How a create call is answered.
    enum Answer: Sendable {
        case accepted
        /// The message is taken and the answer is a 500.
        case acceptedSilently
        /// Not taken; `code` is Twilio's.
        case status(Int, code: Int? = nil, retryAfter: Int? = nil)
    }

    struct Message: Sendable {
        var sid: String
        var form: [String: String]
        var created: Timestamp

        var to: String { form["To"] ?? "" }
        /// Our id of the reply, as the callback's address carries it.
        var replyID: String {
            form["StatusCallback"]?.split(separator: "=")[1].split(separator: "&")[0].description ?? ""
        }
    }

    private struct Script {
        var answers: [Answer] = []
        var received: [Message] = []
        var taken: [Message] = []
        var isListAway = false
        /// The list does not show what is there.
        var isListBlind = false
        var lookups = 0
    }

    private let script = Locked(Script())

    var url: String { "http://127.0.0.1:\(port.withLock { $0 ?? 0 })" }
    private let port = Locked<Int?>(nil)

    /// All create calls, refused ones too.
    var received: [Message] { script.withLock { $0.received } }
    /// What was accepted.
    var taken: [Message] { script.withLock { $0.taken } }
    var lookups: Int { script.withLock { $0.lookups } }

    func answer(_ answers: Answer...) { script.withLock { $0.answers += answers } }
    func list(isAway: Bool = false, isBlind: Bool = false) {
        script.withLock { ($0.isListAway, $0.isListBlind) = (isAway, isBlind) }
    }
    /// A message that we did not send and the list shows.
    func add(_ message: Message) { script.withLock { $0.taken.append(message) } }

    private func create(_ request: HTTPServerRequest) -> HTTPServerResponse {
        var form: [String: String] = [:]
        for name in ["To", "From", "Body", "StatusCallback", "ContentSid", "ContentVariables"] {
            form[name] = FormParameters(parsing: request.bytes)?[name]
        }
        return script.withLock { script in
            let number = script.received.count + 1
            let digits = String(number, radix: 16)
            let message = Message(
                sid: "SM" + String(repeating: "0", count: 32 - digits.count) + digits, form: form, created: .now)
            script.received.append(message)
            switch script.answers.isEmpty ? .accepted : script.answers.removeFirst() {
            case .accepted:
                script.taken.append(message)
                return .json(#"{"sid":"\#(message.sid)","status":"queued"}"#, status: .created)
            case .acceptedSilently:
                script.taken.append(message)
                return .text("oh", status: .internalServerError)
            case .status(let status, let code, let retryAfter):
                var response = HTTPServerResponse.json(
                    code.map { #"{"code":\#($0),"message":"no","status":\#(status)}"# } ?? "<html>",
                    status: .init(statusCode: status))
                if let retryAfter { response.headers.add(name: "Retry-After", value: "\(retryAfter)") }
                return response
            }
        }
    }

    private func list(_ request: HTTPServerRequest) -> HTTPServerResponse {
        let to = FormParameters(parsing: Array((request.query ?? "").utf8))?["To"] ?? ""
        return script.withLock { script in
            script.lookups += 1
            if script.isListAway { return .text("", status: .serviceUnavailable) }
            let shown = script.isListBlind ? [] : script.taken.reversed().filter { $0.to == to }
            let messages = shown.map { message in
                JSONValue.object([
                    .init("sid", .string(message.sid)), .init("body", .string(message.form["Body"] ?? "A template")),
                    .init("direction", "outbound-api"), .init("date_created", .string(message.created.rfc2822)),
                ])
            }
            return .json(JSONValue.object([.init("messages", .array(messages))]).text)
        }
    }

    func run<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        var router = Router()
        let path = "/2010-04-01/Accounts/\(Product.accountSID)/Messages.json"
        router.onAsync(.POST, path) { self.create($0) }
        router.onAsync(.GET, path) { self.list($0) }
        var logger = Logger(label: "twilio")
        logger.logLevel = .critical
        let server = HTTPServer(
            configuration: HTTPServerConfiguration(port: 0), router: router, logger: logger
        ) { bound in self.port.withLock { $0 = bound } }
        let group = ServiceGroup(services: [server], logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await until("Twilio listens") { self.port.withLock { $0 } != nil }
            let result: Result<R, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try result.get()
        }
    }
}
