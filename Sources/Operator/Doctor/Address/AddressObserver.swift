import Common
import NIOHTTP1

/// Calls the service as Twilio does.
struct AddressObserver: Sendable {
    private let twilio: TwilioConfiguration
    private let settings: DoctorSettings
    private let servers: DoctorServers
    /// Tells our answers from a proxy's: ingest gives it back.
    private let correlationID = "doctor-\(UUID.random())"

    init(_ twilio: TwilioConfiguration, _ settings: DoctorSettings, _ servers: DoctorServers) {
        self.twilio = twilio
        self.settings = settings
        self.servers = servers
    }

    private static let patience = Duration.seconds(8)
    private static let route = "/webhook/twilio/status"
    private static let development = "http://127.0.0.1:3000"

    private var base: String { twilio.publicBaseURL }

    func checks() async throws -> [any DoctorCheck] {
        let (answer, body) = await call(HTTPRequest(.GET, base + "/"))
        let address = PublicAddressCheck(
            base: base, answer: answer, about: about(body), service: settings.process?.serviceName ?? "",
            version: Build.version)
        if case .failed = answer { return [address] }
        let signed = await post(signedFor: base, with: twilio.authToken)
        var accepted: SignatureCheck.Accepted?
        if signed == .status(403, isOurs: true) { accepted = await findAccepted() }
        var checks: [any DoctorCheck] = [address, SignatureCheck(base: base, answer: signed, accepted: accepted)]
        if address.about != nil { checks.append(await health()) }
        return checks
    }

    private func about(_ body: [UInt8]) -> PublicAddressCheck.About? {
        guard let value = JSONValue(parsing: body), let process = value["process"]?.string,
            let version = value["version"]?.string
        else { return nil }
        return .init(service: value["service"]?.string ?? "", process: process, version: version)
    }

    private func health() async -> PublicHealthCheck {
        let (answer, body) = await call(HTTPRequest(.GET, base + "/health"))
        var failing: [String] = []
        if case .object(let checks)? = JSONValue(parsing: body)?["checks"] {
            failing = checks.filter { $0.value["status"]?.string != "healthy" }.map(\.name)
        }
        let status = if case .status(let status, _) = answer { status } else { 0 }
        return PublicHealthCheck(status: status, failing: failing)
    }

    // MARK: The signed report

    /// Tries what ingest may take for its address, likeliest first.
    private func findAccepted() async -> SignatureCheck.Accepted? {
        for (address, meaning) in alternatives
        where await post(signedFor: address, with: twilio.authToken) == .status(200, isOurs: true) {
            return meaning
        }
        guard let secondary = twilio.secondaryAuthToken,
            await post(signedFor: base, with: secondary) == .status(200, isOurs: true)
        else { return nil }
        return .secondaryToken
    }

    private var alternatives: [(address: String, meaning: SignatureCheck.Accepted)] {
        let isSecure = base.hasPrefix("https://")
        let rest = base.dropFirst(isSecure ? "https://".count : "http://".count)
        let scheme = isSecure ? "https://" : "http://"
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        let host = authority.hasPrefix("www.") ? String(authority.dropFirst(4)) : "www." + authority
        var all: [(String, SignatureCheck.Accepted)] = [
            ((isSecure ? "http://" : "https://") + rest, .otherScheme), (Self.development, .developmentAddress),
        ]
        if !path.isEmpty { all.append((scheme + authority, .withoutPath)) }
        all.append((scheme + host + path, .otherHost(host)))
        return all
    }

    /// Posts a delivery report about a message that does not exist, as if Twilio had called `address`.
    private func post(signedFor address: String, with token: Secret) async -> PublicAnswer {
        let sid = "SM" + [UInt8].random(16).hex
        let form = FormParameters.encode([
            ("MessageSid", sid), ("MessageStatus", "delivered"), ("AccountSid", twilio.accountSID),
            ("From", twilio.whatsAppNumber),
        ])
        var request = HTTPRequest(.POST, base + Self.route, body: form)
        request.headers = [
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": WebhookSigner(secret: token).signature(url: address + Self.route, form: form),
        ]
        return await call(request).answer
    }

    private func call(_ request: HTTPRequest) async -> (answer: PublicAnswer, body: [UInt8]) {
        var request = request
        request.headers.replaceOrAdd(name: "X-Correlation-ID", value: correlationID)
        request.timeout = Self.patience
        request.maximumResponseBytes = 64 * 1024
        request.needsBody = false
        do {
            let response = try await servers.http.send(request)
            if (300..<400).contains(response.status) {
                let place = response.headers.first(name: "Location") ?? ""
                return (.redirect(String(place.prefix(200).prefix { $0 != "?" && $0 != "#" })), [])
            }
            let isOurs = response.headers.first(name: "X-Correlation-ID") == correlationID
            return (.status(response.status, isOurs: isOurs), response.body)
        } catch {
            return (.failed(error.code, error.reason), [])
        }
    }
}
