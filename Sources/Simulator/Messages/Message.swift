import Common

/// A Message resource: what was sent, by whom, and what became of it.
struct Message: Sendable {
    enum Direction: String, Sendable {
        case inbound
        case outboundAPI = "outbound-api"
    }

    /// A photo or document that belongs to the message.
    struct Media: Hashable, Sendable {
        /// `ME…` for what the simulator keeps; empty when only `url` is known.
        let sid: String
        let url: String
        let contentType: String
    }

    let sid: String
    let direction: Direction
    /// Where the message stands among all; higher is newer.
    var sequence = 0
    var from: String?
    let to: String
    var body: String
    var media: [Media] = []
    var status: MessageStatus
    var errorCode: Int?
    let messagingServiceSID: String?
    let created: Timestamp
    var updated: Timestamp
    var sent: Timestamp?
    let statusCallback: String?

    var isWhatsApp: Bool { to.hasPrefix("whatsapp:") }

    /// The passenger's end of it.
    var passengerAddress: String { direction == .inbound ? from ?? "" : to }

    /// The resource as the API shows it: counts are strings, the error code a number, dates RFC 2822.
    func resource(account: String) -> JSONValue {
        let uri = "/2010-04-01/Accounts/\(account)/Messages/\(sid)"
        return [
            "account_sid": .string(account),
            "api_version": "2010-04-01",
            "body": .string(body),
            "date_created": .string(TwilioDate.text(created)),
            "date_sent": .string(sent.map(TwilioDate.text)),
            "date_updated": .string(TwilioDate.text(updated)),
            "direction": .string(direction.rawValue),
            "error_code": .integer(errorCode),
            "error_message": .string(errorCode.map(DeliveryFailure.text)),
            "from": .string(from),
            "num_media": .string("\(media.count)"),
            "num_segments": .string("\(from == nil ? 0 : segments)"),
            "price": .null,
            "price_unit": .null,
            "messaging_service_sid": .string(messagingServiceSID),
            "sid": .string(sid),
            "status": .string(status.rawValue),
            "subresource_uris": ["media": .string(uri + "/Media.json")],
            "to": .string(to),
            "uri": .string(uri + ".json"),
        ]
    }

    private var segments: Int { isWhatsApp ? 1 : SMSSegments.count(body) }

    /// A new identifier: the prefix and 32 hexadecimal digits.
    static func newSID(_ prefix: String) -> String { prefix + [UInt8].random(16).hex }
}
