/// The Twilio account and how it is reached.
///
/// - `TWILIO_ACCOUNT_SID` (required): AC and 32 hexadecimal digits
/// - `TWILIO_AUTH_TOKEN` (required, secret): signs webhooks, and authenticates REST calls without an API key
/// - `TWILIO_AUTH_TOKEN_SECONDARY` (secret): accepted on webhooks too, while tokens are rotated
/// - `TWILIO_API_KEY_SID`, `TWILIO_API_KEY_SECRET` (secret): both or neither; for REST calls
/// - `TWILIO_WHATSAPP_NUMBER` (required): our sender, `whatsapp:+E.164`
/// - `TWILIO_SMS_NUMBER`: our SMS sender, `+E.164`
/// - `TWILIO_MESSAGING_SERVICE_SID`: MG and 32 hexadecimal digits
/// - `TWILIO_TEMPLATE_REPLY`: HX and 32 hexadecimal digits: the approved template that asks to write again
/// - `TWILIO_TEMPLATE_EVALUATION`: HX and 32 hexadecimal digits: the approved template that tells a claim's outcome
/// - `TWILIO_API_BASE_URL` (https://api.twilio.com): plain http only to loopback addresses
/// - `TWILIO_MAX_MESSAGES_PER_SECOND` (80): of all workers together
/// - `PUBLIC_BASE_URL` (required): this service as Twilio sees it, without the path of a route
package struct TwilioConfiguration: Sendable {
    package let accountSID: String
    package let authToken: Secret
    package let secondaryAuthToken: Secret?
    package let apiKey: (sid: String, secret: Secret)?
    package let whatsAppNumber: String
    package let smsNumber: String?
    package let messagingServiceSID: String?
    /// What is sent in place of a reply that came too late for WhatsApp's 24-hour window.
    package let templateReply: String?
    /// What tells a claim's outcome when that window is closed.
    package let templateEvaluation: String?
    /// Without a slash at its end.
    package let apiBaseURL: String
    /// Without a slash at its end.
    package let publicBaseURL: String
    package let maximumMessagesPerSecond: Int

    package init(reading values: inout ConfigurationValues) {
        accountSID = values.string(
            "TWILIO_ACCOUNT_SID", expected: "AC and 32 hexadecimal digits", where: { Self.isSID($0, "AC") })
        authToken = values.secret("TWILIO_AUTH_TOKEN")
        secondaryAuthToken = values.optionalSecret("TWILIO_AUTH_TOKEN_SECONDARY")
        let keySID = values.optionalString(
            "TWILIO_API_KEY_SID", expected: "SK and 32 hexadecimal digits", where: { Self.isSID($0, "SK") })
        let keySecret = values.optionalSecret("TWILIO_API_KEY_SECRET")
        if values.isSet("TWILIO_API_KEY_SID"), !values.isSet("TWILIO_API_KEY_SECRET") {
            values.report("TWILIO_API_KEY_SECRET", "missing; expected beside TWILIO_API_KEY_SID")
        }
        if values.isSet("TWILIO_API_KEY_SECRET"), !values.isSet("TWILIO_API_KEY_SID") {
            values.report("TWILIO_API_KEY_SID", "missing; expected beside TWILIO_API_KEY_SECRET")
        }
        apiKey = if let keySID, let keySecret { (keySID, keySecret) } else { nil }
        whatsAppNumber = values.string(
            "TWILIO_WHATSAPP_NUMBER", expected: "whatsapp: and a number in E.164",
            where: { $0.hasPrefix("whatsapp:") && Self.isE164($0.dropFirst("whatsapp:".count)) })
        smsNumber = values.optionalString(
            "TWILIO_SMS_NUMBER", expected: "a number in E.164", where: { Self.isE164($0[...]) })
        messagingServiceSID = values.optionalString(
            "TWILIO_MESSAGING_SERVICE_SID", expected: "MG and 32 hexadecimal digits",
            where: { Self.isSID($0, "MG") })
        templateReply = values.optionalString(
            "TWILIO_TEMPLATE_REPLY", expected: "HX and 32 hexadecimal digits", where: { Self.isSID($0, "HX") })
        templateEvaluation = values.optionalString(
            "TWILIO_TEMPLATE_EVALUATION", expected: "HX and 32 hexadecimal digits", where: { Self.isSID($0, "HX") })
        apiBaseURL = values.url(
            "TWILIO_API_BASE_URL", default: "https://api.twilio.com", plainHTTP: .onlyToLoopback)
        maximumMessagesPerSecond = values.int("TWILIO_MAX_MESSAGES_PER_SECOND", default: 80, in: 1...10_000)
        publicBaseURL = values.url("PUBLIC_BASE_URL")
    }

    /// What REST calls authenticate with: the API key when there is one.
    package var credentials: (user: String, password: Secret) {
        if let apiKey { (apiKey.sid, apiKey.secret) } else { (accountSID, authToken) }
    }

    private static func isSID(_ text: String, _ prefix: String) -> Bool {
        text.hasPrefix(prefix) && text.utf8.count == 34
            && text.dropFirst(2).utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
            }
    }

    /// ITU-T E.164: a plus sign, a country code that does not begin with 0, 15 digits at most.
    private static func isE164(_ text: Substring) -> Bool {
        let digits = text.dropFirst().utf8
        return text.hasPrefix("+") && (7...15).contains(digits.count) && digits.first != UInt8(ascii: "0")
            && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
