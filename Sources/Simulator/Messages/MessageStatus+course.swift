import Common

extension MessageStatus {
    /// What an outbound message goes through after it was accepted; SMS are never seen to be read.
    static func course(isWhatsApp: Bool) -> [MessageStatus] {
        isWhatsApp ? [.sent, .delivered, .read] : [.sent, .delivered]
    }
}
