import Common

/// What a client asks for with `POST Messages.json`, checked as Twilio checks it.
struct CreateRequest: Sendable {
    let to: String
    let from: String?
    let messagingServiceSID: String?
    let body: String
    let mediaURLs: [String]
    let statusCallback: String?

    /// The longest `Body`, in UTF-16 units.
    private static let longestBody = 1600

    /// The senders an account owns.
    struct Senders: Sendable {
        let whatsApp: String
        let sms: String?
    }

    /// Reads the form.
    ///
    /// The order of the checks is Twilio's as far as it can be observed: recipient, sender, content, callback.
    init(_ form: FormBody, senders: Senders) throws(APIError) {
        guard let to = form["To"], !to.isEmpty else { throw .invalid(21604, "A 'To' phone number is required.") }
        guard Self.isAddress(to) else {
            throw .invalid(21211, "The 'To' number \(to) is not a valid phone number.")
        }
        let service = form["MessagingServiceSid"].flatMap { $0.isEmpty ? nil : $0 }
        if let from = form["From"], !from.isEmpty {
            try Self.check(from: from, to: to, senders)
            self.from = from
        } else if service != nil {
            from = nil
        } else {
            throw .invalid(21603, "A 'From' phone number is required.")
        }
        let text = form["Body"] ?? ""
        mediaURLs = form.all("MediaUrl").filter { !$0.isEmpty }
        let template = form["ContentSid"].flatMap { $0.isEmpty ? nil : $0 }
        guard !text.isEmpty || !mediaURLs.isEmpty || template != nil else {
            throw .invalid(21602, "Message body is required.")
        }
        guard text.utf16.count <= Self.longestBody else {
            throw .invalid(
                21617, "The concatenated message body exceeds the \(Self.longestBody) character limit.")
        }
        if let callback = form["StatusCallback"], !callback.isEmpty {
            guard WebhookAddress(callback) != nil else {
                throw .invalid(21609, "The 'StatusCallback' URL \(callback) is not a valid URL.")
            }
            statusCallback = callback
        } else {
            statusCallback = nil
        }
        self.to = to
        messagingServiceSID = service
        body = template.map { "Template \($0): \(form["ContentVariables"] ?? "{}")" } ?? text
    }

    /// The new resource; without a sender yet when a messaging service is to choose it.
    func message(at now: Timestamp) -> Message {
        Message(
            sid: Message.newSID(mediaURLs.isEmpty ? "SM" : "MM"), direction: .outboundAPI, from: from, to: to,
            body: body, media: mediaURLs.map { Message.Media(sid: "", url: $0, contentType: "") },
            status: messagingServiceSID == nil ? .queued : .accepted, messagingServiceSID: messagingServiceSID,
            created: now, updated: now, statusCallback: statusCallback)
    }

    private static func check(from: String, to: String, _ senders: Senders) throws(APIError) {
        if from.hasPrefix("whatsapp:") {
            guard from == senders.whatsApp else {
                throw .invalid(63007, "Twilio could not find a Channel with the specified From address")
            }
        } else {
            guard from == senders.sms else {
                throw .invalid(21606, "The 'From' phone number \(from) is not a valid, SMS-capable Twilio number.")
            }
        }
        guard from.hasPrefix("whatsapp:") == to.hasPrefix("whatsapp:") else {
            throw .invalid(21910, "Invalid From and To pair. From and To should be of the same channel")
        }
    }

    /// E.164, or on WhatsApp also a business-scoped user id: two letters, a dot, up to 128 letters and digits.
    static func isAddress(_ text: String) -> Bool {
        let isWhatsApp = text.hasPrefix("whatsapp:")
        let address = isWhatsApp ? text.dropFirst("whatsapp:".count) : text[...]
        if address.hasPrefix("+") {
            let digits = address.dropFirst()
            return (7...15).contains(digits.utf8.count) && digits.first != "0"
                && digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        guard isWhatsApp, parts.count >= 2, parts[0].count == 2, parts[0].allSatisfy({ $0.isASCII && $0.isUppercase })
        else { return false }
        return parts.dropFirst().allSatisfy { part in
            (1...128).contains(part.count) && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        }
    }
}
