/// Who sent a message or is to get one, as Twilio writes it.
///
/// `whatsapp:+447700900123`, `+447700900123` (SMS), or, for people who hide their number behind a WhatsApp user name,
/// `whatsapp:GB.13491208655302741918`: never take it for granted that there is a telephone number.
package struct ChannelAddress: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The address exactly as Twilio sends it and takes it; never for logs.
    package let text: String

    /// Reads an address: 1 to 160 printable ASCII characters without a space.
    package init?(_ text: String) {
        guard (1...160).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        self.text = text
    }

    /// The WhatsApp address of a telephone number.
    package init(whatsApp number: PhoneNumber) { text = "whatsapp:" + number.e164 }

    package var isWhatsApp: Bool { text.utf8.starts(with: "whatsapp:".utf8) }

    /// What stands after the channel's name: a number or a business-scoped user id.
    package var identity: String {
        text.utf8.firstIndex(of: UInt8(ascii: ":")).map { String(text[text.utf8.index(after: $0)...]) } ?? text
    }

    /// The telephone number; nil for people who hide it.
    package var phoneNumber: PhoneNumber? { PhoneNumber(identity) }

    package var description: String {
        let identity = identity
        return text.dropLast(identity.count) + Mask.middle(of: identity)
    }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
