import Common
import Logging
import NIOHTTP1

/// Who may use the console.
///
/// Without a token it is for this machine alone, and everyone who reaches it is let in; with one, for who knows it.
struct ConsoleAccess: Sendable {
    let token: Secret?
    let proxies: TrustedProxies
    /// Whether it listens on a loopback address, and must be asked for by a loopback name.
    let isLocal: Bool
    let port: @Sendable () -> Int
    let sessions: Sessions
    let limit: LoginLimit
    let logger: Logger

    var asksForToken: Bool { token != nil }

    /// Whose headers are believed: nobody's without a token.
    ///
    /// A page of another site that is led here by its name (DNS
    /// rebinding) may send any header, and on this machine it comes from where our proxies are.
    var believedProxies: TrustedProxies { asksForToken ? proxies : .none }

    /// What is said of a request before anything is done.
    enum Verdict: Sendable {
        /// Let in; `cookie` is to be set when the session is new.
        case welcome(Session, cookie: String?)
        case mustLogIn
        case refused(String)
    }

    func judge(_ request: HTTPServerRequest) -> Verdict {
        let origin = RequestOrigin(request, proxies: believedProxies)
        if let refusal = refusal(of: origin, request) { return .refused(refusal) }
        if let key = cookie(of: request, origin),
            let session = sessions.find(key, isUse: !request.path.hasSuffix(".json")),
            session.isLoggedIn || !asksForToken
        {
            return .welcome(session, cookie: nil)
        }
        guard !asksForToken else { return .mustLogIn }
        let (key, session) = sessions.begin(isLoggedIn: false)
        return .welcome(session, cookie: cookie(key, origin))
    }

    /// Why a request is not listened to at all: it is for another name, or a form from elsewhere.
    func refusal(of origin: RequestOrigin, _ request: HTTPServerRequest) -> String? {
        let isThroughProxy = asksForToken && proxies.contains(request.remoteAddress)
        if isLocal, !origin.isLoopback, !isThroughProxy {
            return "The console is served to this machine: open it as http://127.0.0.1:\(port())/."
        }
        if request.method != .GET, request.method != .HEAD, !origin.isSender(of: request) {
            return "This form was not sent by a page of the console."
        }
        return nil
    }

    /// Whether a form carries what this session's forms carry.
    func isOwn(_ form: FormParameters, _ session: Session) -> Bool {
        guard let given = form[Session.fieldName] else { return false }
        return ConstantTime.equal(Array(given.utf8), Array(session.formToken.utf8))
    }

    enum LogIn: Sendable {
        case done(Session, cookie: String)
        case wrong
        case tooOften(Duration)
    }

    /// Begins a session for who knows the token.
    func logIn(_ given: String, _ request: HTTPServerRequest) -> LogIn {
        let origin = RequestOrigin(request, proxies: believedProxies)
        if let wait = limit.attempt(from: origin.address) {
            logger.warning("log-in refused: too many tries", metadata: ["address": "\(origin.address)"])
            return .tooOften(wait)
        }
        // Hashed, so that not even its length shows in the time that comparing takes.
        let expected = SHA256.digest(of: Array((token?.value ?? "").utf8))
        guard asksForToken, ConstantTime.equal(SHA256.digest(of: Array(given.utf8)), expected) else {
            logger.warning("log-in refused: wrong token", metadata: ["address": "\(origin.address)"])
            return .wrong
        }
        limit.succeeded(from: origin.address)
        if let key = cookie(of: request, origin), let old = sessions.find(key) { sessions.end(old) }
        let (key, session) = sessions.begin(isLoggedIn: true)
        logger.notice(
            "logged in", metadata: ["session": "\(session.name)", "address": "\(origin.address)"])
        return .done(session, cookie: cookie(key, origin))
    }

    /// Ends a session, and gives back the cookie that takes its key away.
    func logOut(_ session: Session, _ request: HTTPServerRequest) -> String {
        sessions.end(session)
        logger.notice("logged out", metadata: ["session": "\(session.name)"])
        return cookie("", RequestOrigin(request, proxies: believedProxies), age: 0)
    }

    // MARK: Cookies

    /// Cookies do not tell ports apart: two consoles on one machine need two names.
    private func cookieName(_ origin: RequestOrigin) -> String {
        (origin.isSecure ? "__Host-" : "") + "operator-\(port())"
    }

    private func cookie(
        _ key: String, _ origin: RequestOrigin, age: Int = Int(Sessions.limit.components.seconds)
    ) -> String {
        "\(cookieName(origin))=\(key); Path=/; Max-Age=\(age); HttpOnly; SameSite=Strict"
            + (origin.isSecure ? "; Secure" : "")
    }

    private func cookie(of request: HTTPServerRequest, _ origin: RequestOrigin) -> String? {
        let name = cookieName(origin) + "="
        for pair in request.headers[canonicalForm: "Cookie"].flatMap({ $0.split(separator: ";") }) {
            let pair = pair.drop { $0 == " " }
            if pair.hasPrefix(name), pair.utf8.count <= name.utf8.count + 64 {
                return String(pair.dropFirst(name.count))
            }
        }
        return nil
    }
}
