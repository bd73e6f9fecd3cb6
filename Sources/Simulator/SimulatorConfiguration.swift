import Common

/// Who the simulated Twilio is, and where the service that it serves is to be found.
///
/// - `PORT` (4010): where the API and the page are, on 127.0.0.1 only
/// - `SIMULATOR_WEBHOOK_URL` (http://127.0.0.1:3000/webhook/twilio): where inbound messages are posted; a fragment such
///   as `#rc=3&rp=ct,rt,5xx` says how often
/// - `SIMULATOR_FALLBACK_URL` (none): where they are posted when that failed
/// - `SIMULATOR_MESSAGES` (10000): how many messages are kept
/// - `SIMULATOR_ANSWER_MILLISECONDS` (0): how long a create call takes
/// - `SIMULATOR_DELIVERY_REPORTS` (true): whether StatusCallbacks are called; false where replies alone are measured
/// - `PUBLIC_BASE_URL`: what is signed in place of the webhook's origin
/// - `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN`, `TWILIO_API_KEY_SID`, `TWILIO_API_KEY_SECRET`, `TWILIO_WHATSAPP_NUMBER`,
///   `TWILIO_SMS_NUMBER`: as the other processes have them
/// - `REDIS_URL`, `RELAY_REDIS_STREAM`: the stream whose events the page shows, if any
struct SimulatorConfiguration: Sendable {
    var port = 4010
    var webhook: WebhookAddress
    var fallback: WebhookAddress?
    var publicBase: WebhookAddress?
    var accountSID: String
    var authToken: Secret
    var apiKey: (sid: String, secret: Secret)?
    var senders: CreateRequest.Senders
    var stream = "whatsapp_handler.events"
    /// Between a message's statuses.
    var statusInterval: Duration = .milliseconds(400)
    /// How many messages are kept.
    var messageLimit = 10_000
    /// How long a create call takes; the message is there after half of it.
    var answerTime: Duration = .zero
    /// Whether messages go on after they were created, and StatusCallbacks hear of it.
    var reportsDelivery = true

    init(webhook: WebhookAddress, accountSID: String, authToken: Secret, senders: CreateRequest.Senders) {
        self.webhook = webhook
        self.accountSID = accountSID
        self.authToken = authToken
        self.senders = senders
    }

    init(reading values: inout ConfigurationValues) {
        let twilio = TwilioConfiguration(reading: &values)
        let fallback = WebhookAddress(at: "http://127.0.0.1:3000", "/webhook/twilio")
        webhook =
            values.optional("SIMULATOR_WEBHOOK_URL", expected: "an http or https address") { WebhookAddress($0) }
            ?? fallback
        self.fallback = values.optional("SIMULATOR_FALLBACK_URL", expected: "an http or https address") {
            WebhookAddress($0)
        }
        port = values.int("PORT", default: 4010, in: 1...65535)
        messageLimit = values.int("SIMULATOR_MESSAGES", default: 10_000, in: 100...1_000_000)
        answerTime = .milliseconds(values.int("SIMULATOR_ANSWER_MILLISECONDS", default: 0, in: 0...10_000))
        reportsDelivery = values.bool("SIMULATOR_DELIVERY_REPORTS", default: true)
        stream = values.string("RELAY_REDIS_STREAM", default: "whatsapp_handler.events")
        publicBase = WebhookAddress(twilio.publicBaseURL)
        accountSID = twilio.accountSID
        authToken = twilio.authToken
        apiKey = twilio.apiKey
        senders = CreateRequest.Senders(whatsApp: twilio.whatsAppNumber, sms: twilio.smsNumber)
    }

    /// Stands for the account's WhatsApp sender in status callbacks.
    var installSID: String { "XE" + String(accountSID.dropFirst(2)) }

    /// Where the service fetches a photo.
    func mediaURL(message: String, media: String) -> String {
        "http://127.0.0.1:\(port)/2010-04-01/Accounts/\(accountSID)/Messages/\(message)/Media/\(media)"
    }

    /// What is signed of a request to `address`: the same at the service's public address.
    func signedURL(_ address: WebhookAddress) -> String {
        guard let publicBase, address.hasSameOrigin(as: webhook) else { return address.url }
        return address.url(at: publicBase)
    }

    /// Where a request to a public address of the service's really goes.
    func reachable(_ address: WebhookAddress) -> WebhookAddress {
        guard let publicBase, address.hasSameOrigin(as: publicBase) else { return address }
        let fragment = address.fragment.map { "#" + $0 } ?? ""
        return WebhookAddress(address.url(at: webhook) + fragment) ?? address
    }

    /// Whether these are the account's credentials or its API key's.
    func accepts(user: String, password: String) -> Bool {
        let password = Array(password.utf8)
        if let apiKey, user == apiKey.sid { return ConstantTime.equal(password, Array(apiKey.secret.value.utf8)) }
        return user == accountSID && ConstantTime.equal(password, Array(authToken.value.utf8))
    }
}
