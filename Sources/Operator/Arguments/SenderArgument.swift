import ArgumentParser
import Common

/// Whose messages: `+447700900123`, `07700 900123`, `GB.1349…`, or the address as it is stored, `whatsapp:+447700900123`,
/// `whatsapp:GB.1349…`.
struct SenderArgument: ExpressibleByArgument, Hashable, Sendable {
    /// The address as the queue and the tables have it.
    let text: String
    /// Given as a number: it means whoever has it, under whatever address they write.
    let isNumber: Bool

    init?(argument: String) {
        if let number = Self.number(argument) {
            text = ChannelAddress(whatsApp: number).text
            isNumber = true
        } else if Self.isUserID(argument) {
            text = "whatsapp:" + argument
            isNumber = false
        } else {
            guard argument.contains(":"), let address = ChannelAddress(argument) else { return nil }
            text = address.text
            isNumber = false
        }
    }

    /// The number in it; a person may be stored under an external user id and have this number.
    var phoneNumber: String? { ChannelAddress(text)?.phoneNumber?.e164 }

    static let help = "+447700900123, 07700 900123, GB.1349…, or the address as stored (whatsapp:GB.1349…)"

    /// A number as people write it: with spaces, hyphens and brackets; without a country it is of the United Kingdom.
    private static func number(_ text: String) -> PhoneNumber? {
        let digits = text.filter { !" -().".contains($0) }
        if digits.hasPrefix("+") { return PhoneNumber(digits) }
        if digits.hasPrefix("00") { return PhoneNumber("+" + digits.dropFirst(2)) }
        guard digits.hasPrefix("0"), digits.count == 11 else { return nil }
        return PhoneNumber("+44" + digits.dropFirst())
    }

    /// Whether it is a user id of WhatsApp without the channel before it: a country, a dot, digits or letters.
    private static func isUserID(_ text: String) -> Bool {
        let parts = text.split(separator: ".", maxSplits: 1)
        return parts.count == 2 && parts[0].utf8.count == 2
            && parts[0].utf8.allSatisfy { (0x41...0x5A).contains($0) } && parts[1].utf8.count <= 150
            && parts[1].utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
            }
    }
}
