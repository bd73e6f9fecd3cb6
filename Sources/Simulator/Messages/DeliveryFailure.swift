/// The words for the codes of messages that were accepted and not delivered.
enum DeliveryFailure {
    /// Names from Twilio's error dictionary.
    static func text(_ code: Int) -> String {
        switch code {
        case 30003: "Unreachable destination handset"
        case 30005: "Unknown destination handset"
        case 30007: "Carrier violation"
        case 63016: "Failed to send freeform message because you are outside the allowed window"
        case 63018: "Rate limit exceeded for Channel"
        case 63024: "Invalid message recipient"
        case 63032: "Cannot send this message to this user because of a WhatsApp limitation"
        default: "Unknown error"
        }
    }
}
