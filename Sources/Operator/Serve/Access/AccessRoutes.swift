import Common
import NIOHTTP1

/// Logging in and out.
struct AccessRoutes: Sendable {
    let console: Console

    func add(to router: inout Router) {
        router.onAsync(.GET, "/login") { request in logInPage(request) }
        router.onAsync(.POST, "/login") { request in logIn(request) }
        router.onForm("/logout", console) { visit in
            var response = HTTPServerResponse.seeOther("/login")
            response.headers.add(name: "Set-Cookie", value: console.access.logOut(visit.session, visit.request))
            return response
        }
    }

    private func logInPage(_ request: HTTPServerRequest) -> HTTPServerResponse {
        switch console.access.judge(request) {
        case .refused(let why): console.refusal(why, .forbidden)
        case .welcome: .seeOther("/")
        case .mustLogIn: form()
        }
    }

    private func logIn(_ request: HTTPServerRequest) -> HTTPServerResponse {
        let access = console.access
        if let why = access.refusal(of: RequestOrigin(request, proxies: access.believedProxies), request) {
            return console.refusal(why, .forbidden)
        }
        guard access.asksForToken else { return .seeOther("/") }
        let given = FormParameters(parsing: request.bytes)?["token"] ?? ""
        switch access.logIn(given, request) {
        case .done(_, let cookie):
            var response = HTTPServerResponse.seeOther("/")
            response.headers.add(name: "Set-Cookie", value: cookie)
            return response
        case .wrong: return form("This is not the token.", status: .unauthorized)
        case .tooOften(let wait):
            let seconds = max(1, Int(wait.inSeconds.rounded(.up)))
            var response = form("Too many tries. Try again in \(seconds) s.", status: .tooManyRequests)
            response.headers.add(name: "Retry-After", value: "\(seconds)")
            return response
        }
    }

    private func form(_ problem: String? = nil, status: HTTPResponseStatus = .ok) -> HTTPServerResponse {
        let told: HTML? = problem.map {
            #"<p class="notice failed" role="alert" id="problem" data-testid="problem">\#($0)</p>"#
        }
        let described: HTML = problem == nil ? "" : #" aria-invalid="true" aria-describedby="problem""#
        let content: HTML = #"""
            <section class="log-in"><h1>Operator</h1>\#(told)
            <form method="post" action="/login"><label for="token">Token</label>
            <input id="token" name="token" type="password" autocomplete="current-password" required autofocus data-testid="token"\#(described)>
            <button class="primary" data-testid="log-in">Log in</button></form>
            <p class="soft">The value of OPERATOR_TOKEN.</p></section>
            """#
        return .page(PageFrame(title: "Log in").html(content), status: status)
    }
}
