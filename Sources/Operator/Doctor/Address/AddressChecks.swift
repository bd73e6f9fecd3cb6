import Common

/// What a request to PUBLIC_BASE_URL came to.
enum PublicAnswer: Hashable, Sendable {
    /// A status; `isOurs` when it carries our correlation id, as all of ingest's answers do.
    case status(Int, isOurs: Bool)
    /// A status that points elsewhere, and where; without the query.
    case redirect(String)
    case failed(HTTPError.Code, String)
}

/// Whether PUBLIC_BASE_URL leads to ingest.
struct PublicAddressCheck: DoctorCheck {
    static let name = "leads to ingest"

    /// What `/` says of itself.
    struct About: Hashable, Sendable {
        var service: String
        var process: String
        var version: String
    }

    let base: String
    let answer: PublicAnswer
    let about: About?
    /// SERVICE_NAME.
    let service: String
    let version: String

    var findings: [Finding] {
        switch answer {
        case .failed(let code, let reason):
            [.problem("\(base) cannot be called: \(reason.isEmpty ? "\(code)" : reason)", mend: mend(code))]
        case .redirect(let place):
            [
                .problem(
                    "\(base) redirects to \(Output.printable(place)): Twilio's signature is made over the address it was given",
                    mend: "set PUBLIC_BASE_URL and Twilio's webhooks to the address that answers by itself")
            ]
        case .status(let status, let isOurs): found(status, isOurs)
        }
    }

    private func found(_ status: Int, _ isOurs: Bool) -> [Finding] {
        guard let about else {
            if [502, 503, 504].contains(status), !isOurs {
                return [
                    .problem(
                        "\(base) answers \(status): no ingest behind the proxy",
                        mend: "start ingest, and look whether the proxy leads to its PORT")
                ]
            }
            return [
                .problem(
                    "\(base) answers \(status)\(isOurs ? "" : ", and it is not ours that answers")",
                    mend:
                        "PUBLIC_BASE_URL is the address without the route: is a path too much in it, or does the proxy add or lose one?"
                )
            ]
        }
        guard about.process == "ingest" else {
            return [
                .problem(
                    "\(base) leads to \(Output.printable(about.process)), not to ingest",
                    mend: "lead the public address to ingest's PORT")
            ]
        }
        var found: [Finding] = []
        if about.service != service {
            found.append(
                .warning(
                    "SERVICE_NAME there is \(Output.printable(about.service)), here \(service)",
                    mend: "is it the same deployment?"))
        }
        if about.version != version {
            found.append(
                .warning(
                    "ingest is of version \(Output.printable(about.version)), this operator of \(version)",
                    mend: "use the operator of that release"))
        }
        return found.orOK("ingest \(Output.printable(about.version))")
    }

    private func mend(_ code: HTTPError.Code) -> String {
        switch code {
        case .nameNotResolved: "the host of PUBLIC_BASE_URL has no address: set its DNS record, or mend its name"
        case .couldNotConnect, .addressRefused:
            "start ingest (or its proxy); may this machine, and Twilio, connect to it?"
        case .tlsFailed: "its certificate must be for that name, of a public authority, and not expired"
        case .timedOut, .connectionLost, .sendFailed, .responseTooLarge, .cancelled, .overloaded:
            "look at the proxy before ingest: it takes the connection and does not answer"
        case .invalidRequest: "PUBLIC_BASE_URL is no address that can be called"
        }
    }
}

/// Whether a signature made over PUBLIC_BASE_URL is right where the webhook arrives.
struct SignatureCheck: DoctorCheck {
    static let name = "signature"

    /// Another address for which the signature was right.
    enum Accepted: Hashable, Sendable {
        /// The other of http and https.
        case otherScheme
        /// .env.example's.
        case developmentAddress
        /// Without the path of PUBLIC_BASE_URL.
        case withoutPath
        /// With or without www.
        case otherHost(String)
        case secondaryToken
    }

    let base: String
    let answer: PublicAnswer
    /// Found out when the answer was a refusal; nil when no other was right either.
    let accepted: Accepted?

    var findings: [Finding] {
        switch answer {
        case .status(200, _): [.ok("a signed webhook is taken")]
        case .status(403, isOurs: true): [refused]
        case .status(403, isOurs: false):
            [
                .problem(
                    "something before ingest refuses the webhook (403)",
                    mend: "let the proxy or firewall pass POST /webhook/twilio… without a login or challenge")
            ]
        case .status(404, _), .status(405, _):
            [
                .problem(
                    "the webhook's address does not exist there",
                    mend:
                        "PUBLIC_BASE_URL has a path too many or too few, or the proxy changes the path: ingest knows /webhook/twilio"
                )
            ]
        case .status(415, _), .status(400, _), .status(413, _):
            [
                .problem(
                    "ingest does not understand the webhook: its body or Content-Type was changed on the way",
                    mend: "have the proxy pass bodies on as they are")
            ]
        case .status(429, _):
            [
                .warning(
                    "the webhook was throttled on the way", mend: "exempt Twilio's webhooks from the proxy's rate limit"
                )
            ]
        case .status(503, isOurs: true):
            [.problem("ingest cannot queue the webhook (503)", mend: "see redis: is it up, and has it room?")]
        case .status(let status, _):
            [.problem("the webhook was answered \(status)", mend: "ingest's log, and its proxy's, say why")]
        case .redirect(let place):
            [
                .problem(
                    "the webhook is redirected to \(Output.printable(place))",
                    mend: "set PUBLIC_BASE_URL and Twilio's webhooks to the address that answers by itself")
            ]
        case .failed: [.skipped("the address cannot be called")]
        }
    }

    private var refused: Finding {
        let text = "ingest refuses a webhook that is signed for \(base)"
        switch accepted {
        case .otherScheme:
            return .problem(
                text + ", and takes it when signed for the other of http and https",
                mend:
                    "ingest's PUBLIC_BASE_URL has the other scheme: set it to \(base) there; with several names set TRUSTED_PROXIES, and have the proxy send X-Forwarded-Proto"
            )
        case .developmentAddress:
            return .problem(
                text + ", and takes it when signed for http://127.0.0.1:3000",
                mend: "ingest's PUBLIC_BASE_URL is the one of .env.example: set it to \(base) there")
        case .withoutPath:
            return .problem(
                text + ", and takes it when signed without the path",
                mend: "ingest's PUBLIC_BASE_URL lacks the path that the proxy takes away: set it to \(base) there")
        case .otherHost(let host):
            return .problem(
                text + ", and takes it when signed for \(Output.printable(host))",
                mend:
                    "ingest's PUBLIC_BASE_URL has another host: set it to \(base) there, or use TRUSTED_PROXIES and X-Forwarded-Host for several names"
            )
        case .secondaryToken:
            return .problem(
                text + " with TWILIO_AUTH_TOKEN, and takes TWILIO_AUTH_TOKEN_SECONDARY",
                mend: "set both tokens for ingest as they are set here, and restart it")
        case nil:
            return .problem(
                text,
                mend:
                    "ingest's TWILIO_AUTH_TOKEN, TWILIO_ACCOUNT_SID, TWILIO_WHATSAPP_NUMBER or PUBLIC_BASE_URL differ from those here; its log names the cause"
            )
        }
    }
}

/// Whether ingest is well where it runs.
struct PublicHealthCheck: DoctorCheck {
    static let name = "health"
    /// `/health`'s status and the checks that fail there.
    let status: Int
    let failing: [String]

    var findings: [Finding] {
        if status == 200 { return [.ok("healthy")] }
        let which = failing.isEmpty ? "" : ": " + failing.map { Output.printable($0) }.joined(separator: ", ")
        return [
            .warning(
                "ingest's /health answers \(status)\(which)",
                mend: "its own connection fails, or another process answers: compare its variables with these")
        ]
    }
}
