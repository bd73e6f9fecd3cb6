import Common

/// Somebody with a phone, whom the chat page plays.
struct Passenger: Hashable, Sendable {
    /// `p1`, `p2`, … in the order they were added.
    let id: String
    let name: String
    /// E.164; with a `userID`, the number that gets SMS while WhatsApp hides it.
    let number: String?
    let username: String?
    /// The business-scoped id that WhatsApp shows in place of a hidden number: `GB.` and digits.
    let userID: String?
    /// Said STOP by SMS: SMS to this number are refused until START.
    var hasStoppedSMS = false

    /// What Twilio sends as `From`.
    var whatsAppAddress: String { "whatsapp:" + (userID ?? number ?? "") }

    /// Whether a message to that address reaches this phone.
    func owns(_ address: String) -> Bool { address == whatsAppAddress || (number != nil && address == number) }

    var json: JSONValue {
        [
            "id": .string(id), "name": .string(name), "number": .string(number), "username": .string(username),
            "userID": .string(userID), "address": .string(whatsAppAddress), "hasStoppedSMS": .bool(hasStoppedSMS),
        ]
    }
}
