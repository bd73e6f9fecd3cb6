/// Twilio's name for one message, inbound or outbound: `SM` or `MM` and 32 hexadecimal digits.
package struct MessageSID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// Reads a SID; any two capital letters may lead, since Twilio adds kinds without notice.
    package init?(_ text: String) {
        guard isSID(text) else { return nil }
        self.text = text
    }

    package var description: String { text }
}

/// Twilio's name for an account: `AC` and 32 hexadecimal digits.
package struct AccountSID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init?(_ text: String) {
        guard isSID(text), text.utf8.starts(with: "AC".utf8) else { return nil }
        self.text = text
    }

    package var description: String { text }
}

private func isSID(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
        bytes.count == 34 && bytes.prefix(2).allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
            && bytes.dropFirst(2).allSatisfy {
                switch $0 {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"):
                    true
                default: false
                }
            }
    }
}
