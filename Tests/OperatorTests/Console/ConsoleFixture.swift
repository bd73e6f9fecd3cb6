import Common
import Glibc
import NIOHTTP1
import TestSupport

/// A built console on servers of a test's own, and how to talk to it as a browser would.
struct ConsoleFixture: Sendable {
    let queue: QueueFixture
    let process: ServerProcess
    let log: String
    let url: String
    let http: HTTPClient

    var origin: String { String(url.dropLast()) }

    /// What it has written.
    var written: String { textOfFile(log) }

    /// The lines it has written whose message is `message`.
    func lines(_ message: String) -> [JSONValue] {
        written.split(separator: "\n").compactMap { JSONValue(parsing: Array($0.utf8)) }
            .filter { $0["message"]?.string == message }
    }

    /// A browser without a cookie.
    func visitor() -> ConsoleVisitor { ConsoleVisitor(http: http, origin: origin) }
}

/// Runs `body` with a console that serves on a free port.
func withConsole(
    _ arguments: [String] = [], environment: [String: String] = [:],
    _ body: (ConsoleFixture) async throws -> Void
) async throws {
    try await withQueueFixture { queue in
        let log = queue.redis.directory + "/console.log"
        let all = queue.environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }.merging(environment) { $1 }
        let process = ServerProcess(
            "env",
            ["-i"] + all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                + [try builtProgram("operator"), "serve", "--port", "0"] + arguments, log: log)
        try await process.start()
        var url = ""
        try await until("the console is ready") {
            guard let found = textOfFile(log).firstMatch(of: /"url":"(http:[^"]+)"/) else { return false }
            url = String(found.1)
            return true
        }
        let reactor = Reactor(name: "visitor")
        let http = HTTPClient(reactor: reactor)
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await body(
                    ConsoleFixture(queue: queue, process: process, log: log, url: url, http: http)))
        } catch { result = .failure(error) }
        await http.close()
        reactor.stop()
        try await process.stop(SIGTERM)
        try result.get()
    }
}

/// What a browser does: it keeps cookies, tells where a form comes from, and sends the form's hidden fields along.
final class ConsoleVisitor: Sendable {
    let http: HTTPClient
    let origin: String
    private let cookie = Locked("")
    private let formToken = Locked("")

    init(http: HTTPClient, origin: String) {
        self.http = http
        self.origin = origin
    }

    @discardableResult
    func get(_ path: String, _ headers: [(String, String)] = []) async throws -> HTTPResponse {
        var request = HTTPRequest(.GET, origin + path)
        request.headers = HTTPHeaders(headers)
        return try await send(request)
    }

    /// Posts a form; redirections are followed, as browsers do, unless told not to.
    @discardableResult
    func post(
        _ path: String, _ fields: [(String, String)] = [], origin sender: String? = nil,
        headers: [(String, String)] = [], withToken: Bool = true, follows: Bool = true
    ) async throws -> HTTPResponse {
        let own = withToken ? [("form_token", formToken.withLock { $0 })] : []
        var request = HTTPRequest(.POST, origin + path, body: FormParameters.encode(own + fields))
        request.headers = HTTPHeaders(
            [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", sender ?? origin)] + headers)
        let answer = try await send(request)
        guard follows, answer.status == 303, let place = answer.headers.first(name: "Location") else { return answer }
        return try await get(place)
    }

    private func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        var request = request
        let known = cookie.withLock { $0 }
        if !known.isEmpty { request.headers.add(name: "Cookie", value: known) }
        let answer = try await http.send(request)
        for each in answer.headers["Set-Cookie"] {
            cookie.withLock { $0 = String(each.prefix { $0 != ";" }) }
        }
        if let token = answer.text.firstMatch(of: /name="form_token" value="([0-9a-f]+)"/) {
            formToken.withLock { $0 = String(token.1) }
        }
        return answer
    }

    /// The values of the hidden fields of the form that is posted to `action`, but the token.
    static func hidden(_ page: String, action: String) -> [(String, String)] {
        guard let start = page.firstRange(of: "action=\"\(action)\"") else { return [] }
        let form = page[start.upperBound...]
        let end = form.firstRange(of: "</form>")?.lowerBound ?? form.endIndex
        return form[..<end].matches(of: /name="([a-z_]+)" value="([^"]*)"/).map { (String($0.1), String($0.2)) }
            .filter { $0.0 != "form_token" }
    }

    /// Asks for something to be done with dead letters, and confirms it.
    func confirm(_ path: String, _ fields: [(String, String)]) async throws -> (question: String, result: String) {
        let question = try await post(path + "/confirm", fields).text
        guard let action = question.firstMatch(of: /<form method="post" action="([^"]+)" data-once>/) else {
            return (question, "")
        }
        let target = String(action.1)
        return (question, try await post(target, Self.hidden(question, action: target)).text)
    }
}
