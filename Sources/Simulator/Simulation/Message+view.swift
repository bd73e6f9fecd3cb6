import Common

extension Message {
    /// The message as the page shows it.
    func view(passenger: String?) -> JSONValue {
        [
            "sid": .string(sid), "sequence": .integer(sequence), "passenger": .string(passenger),
            "channel": isWhatsApp || from?.hasPrefix("whatsapp:") == true ? "whatsapp" : "sms",
            "direction": direction == .inbound ? "inbound" : "outbound", "body": .string(body),
            "status": .string(status.rawValue), "errorCode": .integer(errorCode),
            "error": .string(errorCode.map(DeliveryFailure.text)), "at": .string(created.rfc3339),
            "updated": .string(updated.rfc3339),
            "media": .array(
                media.map { media in
                    [
                        "url": .string(media.sid.isEmpty ? media.url : "/api/media/\(media.sid)"),
                        "contentType": .string(media.contentType),
                    ]
                }),
        ]
    }
}
