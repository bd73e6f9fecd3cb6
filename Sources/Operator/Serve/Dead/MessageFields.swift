import Common

/// The fields of a message as it came, and which of them anybody may see.
struct MessageFields: Sendable {
    struct Field: Sendable {
        let name: String
        let value: String
        /// Shown in its place until somebody asks: nil when there is nothing to hide.
        let mask: String?
    }

    let fields: [Field]
    /// What the bytes are, when they are no form.
    let remark: String?

    /// What is about the message and not about the person; everything else is hidden.
    private static let open: Set<String> = [
        "AccountSid", "ApiVersion", "Backfilled", "ChannelInstallSid", "ChannelPrefix", "ErrorCode", "MessageSid",
        "MessageStatus", "MessageType", "MessagingServiceSid", "NumMedia", "NumSegments", "ReferralNumMedia",
        "SmsMessageSid", "SmsSid", "SmsStatus", "To",
    ]
    private static let addresses: Set<String> = ["From", "WaId", "ExternalUserId"]

    init(_ letter: DeadLetter) {
        guard let message = letter.message else {
            fields = Self.whole(letter.envelope)
            remark = letter.envelope.isEmpty ? "It was erased." : "Nobody can read it: it is no envelope of the queue."
            return
        }
        guard message.kind != .event, let form = FormParameters(parsing: message.body) else {
            fields = Self.whole(message.body)
            remark = message.kind == .event ? "What another service told." : "Its body is no form."
            return
        }
        remark = form.isRedacted ? "It was stored without its words: they may have been a one-time code." : nil
        let isReport = message.kind == .status
        fields = (0..<form.count).map { place in
            let name = String(decoding: form[place].name, as: UTF8.self)
            let value = String(decoding: form[place].value, as: UTF8.self)
            return Field(name: name, value: value, mask: Self.mask(name, value, isReport: isReport))
        }
    }

    private static func mask(_ name: String, _ value: String, isReport: Bool) -> String? {
        if value.isEmpty { return nil }
        // In a delivery report we are the sender, and the person is whom it went to.
        if name == (isReport ? "From" : "To") || open.contains(name) && !(isReport && name == "To") { return nil }
        if addresses.contains(name) || name == "To" {
            return ChannelAddress(name == "WaId" ? "+" + value : value)?.description ?? "…"
        }
        return "hidden, " + HTML.several(value.count, "character")
    }

    private static func whole(_ bytes: [UInt8]) -> [Field] {
        guard !bytes.isEmpty else { return [] }
        return [
            Field(
                name: "All of it", value: String(decoding: bytes.prefix(16_384), as: UTF8.self),
                mask: "hidden, " + HTML.several(bytes.count, "byte"))
        ]
    }

    /// Whether there is anything that only who asks gets to see.
    var hidesSomething: Bool { fields.contains { $0.mask != nil } }

    func html(isRevealed: Bool) -> HTML {
        Table(
            caption: "Fields of the message", columns: [.text("Field"), .text("Value")],
            rows: fields.map { field in
                let value: HTML
                if let mask = field.mask, !isRevealed {
                    value = #"<span class="hidden" data-testid="field-\#(field.name)">\#(mask)</span>"#
                } else {
                    value = #"<span class="value" data-testid="field-\#(field.name)">\#(field.value)</span>"#
                }
                return [#"<span class="mono">\#(field.name)</span>"#, value]
            }, isCompact: true, empty: "Nothing of it is kept."
        ).html
    }
}
