import Common
import Logging
import NIOHTTP1
import TestSupport
import Testing

@testable import Operator

/// Who is let in.
@Suite struct AccessTests {
    static let token = "0123456789abcdef0123456789abcdef-console"

    @Test func itListensElsewhereOnlyWithAToken() async throws {
        let servers = ["REDIS_URL": "redis://127.0.0.1:1", "DATABASE_URL": "postgres://x@127.0.0.1:1/x"]
        for host in ["0.0.0.0", "::", "192.0.2.1"] {
            let run = try await OperatorRun(["serve", "--host", host, "--port", "0"], environment: servers)
            #expect(run.exitCode == 1 && run.error.contains("OPERATOR_TOKEN: missing"), "\(run.error)")
        }
        let short = try await OperatorRun(
            ["serve", "--host", "0.0.0.0"],
            environment: servers.merging(["OPERATOR_TOKEN": "too-short-to-be-one"]) { $1 })
        #expect(short.exitCode == 1 && short.error.contains("at least 32") && !short.error.contains("too-short"))
        let port = try await OperatorRun(["serve", "--port", "70000"], environment: servers)
        #expect(port.exitCode == 2)
        let taken = try await withListener { taken in
            try await OperatorRun(["serve", "--port", "\(taken)"], environment: servers)
        }
        #expect(taken.exitCode == 1 && taken.error.contains("Cannot listen"), "\(taken.error)")
    }

    private func withListener<R: Sendable>(_ body: (Int) async throws -> R) async throws -> R {
        try await withRedis { redis in try await body(redis.port) }
    }

    @Test(.timeLimit(.minutes(2)))
    func onLoopbackOnlyLoopbackNamesAndOwnFormsCount() async throws {
        try await withConsole { console in
            let visitor = console.visitor()
            let page = try await visitor.get("/")
            #expect(page.status == 200 && page.text.contains("Overview"))
            let policy = page.headers.first(name: "Content-Security-Policy") ?? ""
            #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe") && !policy.contains("*") && !policy.contains("http"))
            #expect(page.headers.first(name: "X-Content-Type-Options") == "nosniff")
            #expect(page.headers.first(name: "Cache-Control") == "no-store")
            #expect(page.headers.first(name: "Referrer-Policy") == "same-origin")
            let cookie = page.headers.first(name: "Set-Cookie") ?? ""
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains("Secure"))

            // A name that somebody pointed at this machine.
            for host in [
                "evil.example", "evil.example:4020", "127.0.0.1.evil.example", "localhost.evil:80", "127.0.0.1:x",
            ] {
                #expect(try await visitor.get("/", [("Host", host)]).status == 403, "\(host)")
            }
            #expect(try await visitor.get("/", [("Host", "localhost:9999")]).status == 200, "a tunnel")

            let paused = { try await console.queue.redis("HGET", "{wa:0}:ctr", "paused").string }
            for sender in ["https://evil.example", "null", console.origin + "0"] {
                #expect(try await visitor.post("/queue/pause", origin: sender).status == 403, "\(sender)")
            }
            #expect(try await visitor.post("/queue/pause", withToken: false).status == 403)
            #expect(try await visitor.post("/queue/pause", headers: [("Sec-Fetch-Site", "cross-site")]).status == 403)
            #expect(try await visitor.post("/queue/pause", [("form_token", "0")], withToken: false).status == 403)
            // Nothing changes by looking.
            #expect(try await visitor.get("/queue/pause").text.contains("Pause the queue?"))
            #expect(try await paused() == nil)
            let done = try await visitor.post("/queue/pause")
            #expect(done.status == 200 && done.text.contains("The queue is paused."))
            #expect(try await paused() == "1")
            #expect(console.lines("pausing the queue").count == 1 && console.lines("paused the queue").count == 1)
            let missing = try await visitor.get("/nowhere")
            #expect(missing.status == 404 && missing.text.contains("nothing at this address"))
        }
    }

    /// A page of another site that is led here by its name may send any header, from where our proxies are.
    @Test(.timeLimit(.minutes(1)))
    func withoutATokenNoProxyIsBelieved() async throws {
        try await withConsole(environment: ["TRUSTED_PROXIES": "127.0.0.1,::1"]) { console in
            let visitor = console.visitor()
            let forged = [("Host", "evil.example"), ("X-Forwarded-Host", "127.0.0.1:4020")]
            let refused = try await visitor.get("/live.json", forged).status
            #expect(refused == 403)
            let ours = try await visitor.get("/", [("X-Forwarded-Host", "evil.example")]).status
            #expect(ours == 200)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func theTokenLetsInAndTooManyTriesDoNot() async throws {
        try await withConsole(
            ["--host", "0.0.0.0"], environment: ["OPERATOR_TOKEN": Self.token, "TRUSTED_PROXIES": "127.0.0.1"]
        ) { console in
            let url = console.url.split(separator: ":").last.map { "http://127.0.0.1:\($0.dropLast())" } ?? ""
            let visitor = ConsoleVisitor(http: console.http, origin: url)
            for path in ["/", "/dead", "/outbox", "/queue/pause", "/dead/1"] {
                let answer = try await visitor.get(path)
                #expect(answer.status == 303 && answer.headers.first(name: "Location") == "/login", "\(path)")
                #expect(answer.headers["Set-Cookie"].isEmpty)
            }
            #expect(try await visitor.get("/live.json").status == 401)
            #expect(try await visitor.post("/queue/pause", follows: false).headers.first(name: "Location") == "/login")
            #expect(
                try await visitor.post("/login", [("token", Self.token)], origin: "https://evil.example").status == 403)

            let wrong = try await visitor.post("/login", [("token", "wrong")])
            #expect(wrong.status == 401 && wrong.text.contains("not the token") && wrong.headers["Set-Cookie"].isEmpty)
            let answer = try await visitor.post("/login", [("token", Self.token)], follows: false)
            #expect(answer.status == 303)
            let cookie = answer.headers.first(name: "Set-Cookie") ?? ""
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Max-Age="))
            let home = try await visitor.get("/")
            #expect(home.status == 200 && home.text.contains("Log out"))
            #expect(try await visitor.post("/logout").text.contains("OPERATOR_TOKEN"))
            #expect(try await visitor.get("/").status == 303, "the session has ended")

            // Behind TLS, as a proxy of ours says.
            let proxied = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "console.example.com")]
            let secure = try await visitor.post(
                "/login", [("token", Self.token)], origin: "https://console.example.com", headers: proxied,
                follows: false)
            let name = secure.headers.first(name: "Set-Cookie") ?? ""
            #expect(name.hasPrefix("__Host-") && name.contains("; Secure"), "\(secure.status) \(name)")

            let other = [("X-Forwarded-For", "192.0.2.7")]
            for _ in 0..<LoginLimit.perAddress {
                #expect(try await visitor.post("/login", [("token", "wrong")], headers: other).status == 401)
            }
            let limited = try await visitor.post("/login", [("token", Self.token)], headers: other)
            #expect(limited.status == 429 && (limited.headers.first(name: "Retry-After").flatMap { Int($0) } ?? 0) > 0)
            #expect(
                try await visitor.post("/login", [("token", Self.token)], follows: false).status == 303, "not so others"
            )
            #expect(!console.written.contains(Self.token))
            #expect(console.lines("log-in refused: wrong token").count >= 6)
        }
    }

    @Test func sessionsEndByThemselves() {
        let now = Locked(ContinuousClock.now)
        let sessions = Sessions(clock: { now.withLock { $0 } })
        let (key, session) = sessions.begin(isLoggedIn: true)
        #expect(sessions.find(key)?.name == session.name)
        #expect(sessions.find(session.name) == nil && sessions.find("") == nil)
        now.withLock { $0 += Sessions.idleLimit - .seconds(1) }
        #expect(sessions.find(key) != nil, "it was used")
        now.withLock { $0 += Sessions.idleLimit }
        #expect(sessions.find(key) == nil)

        let (shown, _) = sessions.begin(isLoggedIn: true)
        for _ in 0..<4 {
            now.withLock { $0 += Sessions.idleLimit / 4 }
            _ = sessions.find(shown, isUse: false)
        }
        #expect(sessions.find(shown) == nil, "a page that is left open is nobody")

        let (kept, _) = sessions.begin(isLoggedIn: true)
        for _ in 0..<30 {
            now.withLock { $0 += Sessions.idleLimit - .seconds(1) }
            _ = sessions.find(kept)
        }
        #expect(sessions.find(kept) == nil, "whatever is used ends some day")

        let (first, _) = sessions.begin(isLoggedIn: true)
        for _ in 0..<Sessions.most {
            now.withLock { $0 += .milliseconds(1) }
            _ = sessions.begin(isLoggedIn: true)
        }
        #expect(sessions.find(first) == nil, "there is room for so many")
    }

    @Test func whoIsSoughtIsKnownToOneSessionOnly() {
        let sessions = Sessions()
        let (_, one) = sessions.begin(isLoggedIn: true)
        let (_, other) = sessions.begin(isLoggedIn: true)
        let handle = sessions.remember("+447700900123", for: one)
        #expect(!handle.contains("7700") && sessions.remember("+447700900123", for: one) == handle)
        #expect(sessions.subject(handle, of: one) == "+447700900123" && sessions.subject(handle, of: other) == nil)
        sessions.tell(Notice(kind: .done, text: "x"), to: one)
        #expect(sessions.takeNotice(of: other) == nil && sessions.takeNotice(of: one)?.text == "x")
        #expect(sessions.takeNotice(of: one) == nil, "told once")
    }

    @Test func triesAreCountedForAMinute() {
        let now = Locked(ContinuousClock.now)
        let limit = LoginLimit(clock: { now.withLock { $0 } })
        for _ in 0..<LoginLimit.perAddress { #expect(limit.attempt(from: "a") == nil) }
        #expect(limit.attempt(from: "a") != nil && limit.attempt(from: "b") == nil)
        now.withLock { $0 += LoginLimit.window }
        #expect(limit.attempt(from: "a") == nil)
        for number in 0..<LoginLimit.inAll { _ = limit.attempt(from: "\(number)") }
        #expect(limit.attempt(from: "new") != nil, "all together")
    }
}
