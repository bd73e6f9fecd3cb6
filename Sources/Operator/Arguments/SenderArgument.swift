import ArgumentParser
import Common

/// Whose messages: `+447700900123`, or the address as it is stored, `whatsapp:+447700900123`, `whatsapp:GB.1349…`.
struct SenderArgument: ExpressibleByArgument, Hashable, Sendable {
    /// The address as the queue and the tables have it.
    let text: String

    init?(argument: String) {
        if let number = PhoneNumber(argument) {
            text = ChannelAddress(whatsApp: number).text
        } else {
            guard argument.contains(":"), let address = ChannelAddress(argument) else { return nil }
            text = address.text
        }
    }

    /// The number in it; a person may be stored under an external user id and have this number.
    var phoneNumber: String? { ChannelAddress(text)?.phoneNumber?.e164 }

    static let help = "+447700900123, or the address as stored (whatsapp:GB.1349…)"
}
