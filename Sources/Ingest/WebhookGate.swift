import Common
import NIOHTTP1

/// Decides whether a webhook is Twilio's and for us, and makes the envelope to push.
///
/// It reads no more of a message than its place in the queue needs, and changes nothing of it.
struct WebhookGate: Sendable {
    private let addresses: WebhookAddresses
    private let validator: SignatureValidator
    private let accountSID: String
    private let ours: [String]
    private let messagingServiceSID: String?

    init(_ twilio: TwilioConfiguration, proxies: TrustedProxies) {
        addresses = WebhookAddresses(base: twilio.publicBaseURL, proxies: proxies)
        validator = SignatureValidator(secrets: [twilio.authToken] + (twilio.secondaryAuthToken.map { [$0] } ?? []))
        accountSID = twilio.accountSID
        ours = [twilio.whatsAppNumber] + (twilio.smsNumber.map { [$0] } ?? [])
        messagingServiceSID = twilio.messagingServiceSID
    }

    func envelope(for webhook: Webhook) throws(WebhookRefusal) -> Envelope {
        guard webhook.isForm else { throw .notAForm }
        guard let form = FormParameters(parsing: webhook.body) else { throw .malformed(.notAForm) }
        if let refusal = validator.refusal(
            signature: webhook.headers.first(name: SignatureValidator.header),
            settings: webhook.headers.first(name: SignatureSettings.header),
            urls: addresses.candidates(for: webhook), body: .form(form)) ?? strangeness(of: form, webhook.route)
        {
            throw .signature(refusal)
        }
        do throws(WebhookError) {
            guard form.isText else { throw WebhookError.notText }
            let (name, sender) = try place(of: form, webhook)
            return Envelope(
                messageSID: name, sender: sender, receivedAt: webhook.receivedAt,
                correlationID: webhook.correlationID, kind: webhook.route.kind, body: webhook.body)
        } catch {
            throw .malformed(error)
        }
    }

    /// Why a form that is signed right is none of our business.
    ///
    /// The signature does not say where names and values begin, so one made for another account's or number's message
    /// could stand under one for us; and two services may share an account.
    private func strangeness(of form: FormParameters, _ route: WebhookRoute) -> SignatureRefusal? {
        guard form.has("AccountSid", accountSID) else { return .wrongAccount }
        let own =
            switch route {
            case .message, .fallback: "To"
            case .status: "From"
            }
        if ours.contains(where: { form.has(own, $0) }) { return nil }
        if let messagingServiceSID, form.has("MessagingServiceSid", messagingServiceSID) { return nil }
        return .wrongRecipient
    }

    /// What tells the envelope from others, and whose turn it waits for.
    private func place(of form: FormParameters, _ webhook: Webhook) throws(WebhookError) -> (String, String) {
        switch webhook.route {
        case .message, .fallback:
            let message = try InboundMessage.Addressing(form)
            return (message.sid.text, message.sender.text)
        case .status:
            let callback = try StatusCallback(form)
            return (
                "\(callback.sid):\(callback.statusText)", "status:\(webhook.replyID?.description ?? callback.sid.text)"
            )
        }
    }
}
