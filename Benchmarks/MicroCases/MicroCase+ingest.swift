import Common

extension MicroCase {
    private static let token = Secret("0123456789abcdef0123456789abcdef")
    private static let address = "https://bot.example.com/webhook/twilio"

    /// A webhook as Twilio posts it: fourteen fields, 700 bytes.
    private static let form: [UInt8] = FormParameters.encode([
        ("SmsMessageSid", "SM0123456789abcdef0123456789abcdef"), ("NumMedia", "0"), ("ProfileName", "Ada Lovelace"),
        ("MessageType", "text"), ("SmsSid", "SM0123456789abcdef0123456789abcdef"), ("WaId", "447700900123"),
        ("SmsStatus", "received"), ("Body", "Hello, my train was over an hour late 🚂"), ("To", "whatsapp:+14155238886"),
        ("NumSegments", "1"), ("ReferralNumMedia", "0"), ("MessageSid", "SM0123456789abcdef0123456789abcdef"),
        ("AccountSid", "AC00000000000000000000000000000000"),
        ("ChannelMetadata", #"{"type":"whatsapp","data":{"context":{"ProfileName":"Ada Lovelace"}}}"#),
        ("From", "whatsapp:+447700900123"), ("ApiVersion", "2010-04-01"),
    ])

    private static let envelope = Envelope(
        messageSID: "SM0123456789abcdef0123456789abcdef", sender: "whatsapp:+447700900123",
        receivedAt: Timestamp(microseconds: 1_795_427_000_000_000), correlationID: CorrelationID(), kind: .message,
        body: form)

    /// What ingest does with a webhook.
    static var ingest: [MicroCase] {
        let validator = SignatureValidator(secrets: [token])
        let signature = WebhookSigner(secret: token).signature(url: address, form: form)
        let url = SignedURL(address)
        let parsed = FormParameters(parsing: form)
        let encoded = envelope.encoded()
        return [
            MicroCase("form: parse") { use(FormParameters(parsing: form)) },
            MicroCase("signature: check") {
                guard let parsed else { return }
                use(validator.refusal(signature: signature, urls: [url], body: .form(parsed)))
            },
            MicroCase("address of the message") {
                guard let parsed else { return }
                use(try? InboundMessage.Addressing(parsed))
            },
            MicroCase("envelope: encode") { use(envelope.encoded()) },
            MicroCase("Redis command: encode") {
                use(RedisCommand("FCALL", "wa_accept", 1, "{wa:0}:", .init(encoded), .init(envelope.sender), 60, 500))
            },
            MicroCase("envelope: decode") { use(try? Envelope(decoding: encoded)) },
            MicroCase("message: read") {
                guard let parsed else { return }
                use(try? InboundMessage(parsed))
            },
        ]
    }
}
