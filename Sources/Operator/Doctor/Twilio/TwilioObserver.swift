import Common
import NIOHTTP1

/// Asks Twilio, by reading only.
struct TwilioObserver: Sendable {
    private let twilio: TwilioConfiguration
    private let settings: DoctorSettings
    private let servers: DoctorServers

    init(_ twilio: TwilioConfiguration, _ settings: DoctorSettings, _ servers: DoctorServers) {
        self.twilio = twilio
        self.settings = settings
        self.servers = servers
    }

    private static let patience = Duration.seconds(8)

    func checks() async throws -> [any DoctorCheck] {
        let account = await ask(accounts + ".json", withKey: false) { TwilioAccount($0) }
        // What cannot be reached is not asked four times more.
        if case .unreachable = account { return [TwilioAccountCheck(answer: account)] }
        async let key = keyAnswer()
        async let sender = senderAnswer()
        async let service = serviceAnswer()
        async let number = numberAnswer()
        return [
            TwilioAccountCheck(answer: account), TwilioKeyCheck(answer: await key),
            TwilioSenderCheck(
                answer: await sender, number: twilio.whatsAppNumber, publicBase: twilio.publicBaseURL,
                isProduction: settings.isProduction, isInService: twilio.messagingServiceSID != nil),
            TwilioServiceCheck(answer: await service, publicBase: twilio.publicBaseURL),
            TwilioNumberCheck(answer: await number),
        ]
    }

    private var accounts: String { "\(twilio.apiBaseURL)/2010-04-01/Accounts/\(twilio.accountSID)" }

    /// Where senders and services are: a host of its own at Twilio, the same one elsewhere.
    private var messaging: String {
        guard let host = WebAddress(twilio.apiBaseURL)?.host, host.hasPrefix("api."), host.hasSuffix("twilio.com")
        else {
            return twilio.apiBaseURL
        }
        return "https://messaging." + host.dropFirst("api.".count)
    }

    /// A standard key may not read the account (error 20003), but messages.
    private func keyAnswer() async -> TwilioAnswer<Bool>? {
        guard twilio.apiKey != nil else { return nil }
        return await ask(accounts + "/Messages.json?PageSize=1", withKey: true) { $0["messages"].map { _ in true } }
    }

    private func senderAnswer() async -> TwilioAnswer<TwilioWebhooks?> {
        await ask(messaging + "/v2/Channels/Senders?Channel=whatsapp&PageSize=1000", withKey: false) { value in
            guard case .array(let senders)? = value["senders"] else { return nil }
            let ours = senders.first { $0["sender_id"]?.string == twilio.whatsAppNumber }
            return .some(ours.map { TwilioWebhooks(sender: $0) })
        }
    }

    private func serviceAnswer() async -> TwilioAnswer<TwilioWebhooks>? {
        guard let sid = twilio.messagingServiceSID else { return nil }
        return await ask(messaging + "/v1/Services/" + sid, withKey: false) { value in
            value["sid"].map { _ in TwilioWebhooks(service: value) }
        }
    }

    private func numberAnswer() async -> TwilioAnswer<Bool>? {
        guard let number = twilio.smsNumber else { return nil }
        let query = "/IncomingPhoneNumbers.json?PageSize=1&PhoneNumber=%2B\(number.dropFirst())"
        return await ask(accounts + query, withKey: false) { value in
            guard case .array(let numbers)? = value["incoming_phone_numbers"] else { return nil }
            return !numbers.isEmpty
        }
    }

    private func ask<Value>(
        _ url: String, withKey: Bool, _ read: (JSONValue) -> Value?
    ) async -> TwilioAnswer<Value> {
        var request = HTTPRequest(.GET, url)
        request.basicAuthentication = withKey ? twilio.credentials : (twilio.accountSID, twilio.authToken)
        request.timeout = Self.patience
        do {
            let response = try await servers.http.send(request)
            switch response.status {
            case 200:
                return JSONValue(parsing: response.body).flatMap(read).map { .value($0) } ?? .strange(200)
            case 401, 403: return .refused(response.status)
            case 404: return .missing
            case let status: return .strange(status)
            }
        } catch {
            return .unreachable(error.description)
        }
    }
}
