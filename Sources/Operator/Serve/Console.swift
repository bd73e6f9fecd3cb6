import Common
import Logging
import NIOHTTP1

/// What the pages of the console are made from.
struct Console: Sendable {
    let servers: ConnectedOperator
    let access: ConsoleAccess
    let overview: OverviewReader
    let record: ThroughputRecord
    let letters: LetterCopies
    /// How long a conversation's state is remembered (REDIS_CACHE_TTL_SECONDS).
    let stateTTL: Duration
    let logger: Logger

    /// How long an action goes on before it tells what it has done so far; a request is cut off later.
    static let actionLimit = Duration.seconds(15)
    /// How long any request may take.
    static let requestLimit = Duration.seconds(30)

    /// Writes an action down.
    func note(_ what: String, _ session: Session, _ request: HTTPServerRequest, _ details: [String: String]) {
        var metadata: Logger.Metadata = [
            "session": "\(session.name)", "correlation_id": "\(request.correlationID)",
        ]
        for (name, value) in details { metadata[name] = "\(value)" }
        logger.notice("\(what)", metadata: metadata)
    }

    /// All that the console answers.
    var router: Router {
        var router = Router()
        AssetRoutes().add(to: &router)
        AccessRoutes(console: self).add(to: &router)
        OverviewRoutes(console: self).add(to: &router)
        DeadRoutes(console: self).add(to: &router)
        ConversationRoutes(console: self).add(to: &router)
        OutboxRoutes(console: self).add(to: &router)
        router.onPage("/*", self) { visit in
            let content: HTML = #"<h1>There is nothing at this address</h1><p><a href="/">To the overview</a></p>"#
            return visit.page("Not found", nil, content, status: .notFound)
        }
        return router
    }
}

extension Router {
    typealias ConsoleResponder = @Sendable (Visit) async throws -> HTTPServerResponse

    /// Adds a page for those who are let in.
    mutating func onPage(_ path: String, _ console: Console, _ respond: @escaping ConsoleResponder) {
        onAsync(.GET, path) { await console.answer($0, respond) }
    }

    /// Adds what a form of ours is posted to.
    mutating func onForm(_ path: String, _ console: Console, _ respond: @escaping ConsoleResponder) {
        onAsync(.POST, path) { request in
            await console.answer(request) { visit in
                guard console.access.isOwn(visit.form, visit.session) else {
                    return console.refusal(
                        "This form is too old. Go back, reload the page, and try again.", .forbidden)
                }
                return try await respond(visit)
            }
        }
    }
}

extension Console {
    /// Lets `respond` answer who may come in; a failure becomes a page that says what to do.
    fileprivate func answer(
        _ request: HTTPServerRequest, _ respond: Router.ConsoleResponder
    ) async -> HTTPServerResponse {
        let (session, cookie): (Session, String?)
        switch access.judge(request) {
        case .refused(let why): return refusal(why, .forbidden)
        case .mustLogIn:
            guard !request.path.hasSuffix(".json") else {
                return HTTPServerResponse.error(
                    .unauthorized, "unauthorized", "Log in again.", request.correlationID
                ).guarded
            }
            return .seeOther("/login")
        case .welcome(let known, let new): (session, cookie) = (known, new)
        }
        var response: HTTPServerResponse
        if let query = FormParameters(parsing: Array((request.query ?? "").utf8)),
            let form = FormParameters(parsing: request.bytes)
        {
            let visit = Visit(request: request, session: session, console: self, query: query, form: form)
            do { response = try await respond(visit) } catch { response = problem(error, visit) }
        } else {
            response = refusal("This form has too many fields.", .badRequest)
        }
        if let cookie { response.headers.add(name: "Set-Cookie", value: cookie) }
        return response.guarded
    }

    private func problem(_ error: any Error, _ visit: Visit) -> HTTPServerResponse {
        let problem = ConsoleProblem(error).text
        logger.warning(
            "a page could not be made",
            metadata: ["path": "\(visit.request.path)", "correlation_id": "\(visit.request.correlationID)"])
        let section = PageFrame.Section.allCases.last { visit.request.path.hasPrefix($0.rawValue) }
        let content: HTML = #"""
            <h1>\#(section?.name ?? "Operator")</h1><p class="notice failed" role="alert" data-testid="problem">\#(problem)</p>
            <p><a class="button" href="\#(section?.rawValue ?? "/")">Try again</a></p>
            """#
        return visit.page("Not now", section, content, status: .serviceUnavailable)
    }

    /// A page for who is not let in, or not with this.
    func refusal(_ why: String, _ status: HTTPResponseStatus) -> HTTPServerResponse {
        let content: HTML =
            #"<h1>Refused</h1><p data-testid="refusal">\#(why)</p><p><a href="/">To the overview</a></p>"#
        return .page(PageFrame(title: "Refused").html(content), status: status)
    }
}
