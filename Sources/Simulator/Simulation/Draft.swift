/// What a passenger is about to send.
struct Draft: Sendable {
    var text: String
    var button: InboundForm.Button?
    var media: MediaShelf.Item?
    /// By SMS, which goes no further than Twilio: there only STOP and START mean something.
    var isSMS = false

    /// The longest text a passenger can send, in characters.
    static let longest = 4096

    /// Whether the text is one of Twilio's words for stopping (true) or starting (false) all SMS; nil for others.
    var stops: Bool? {
        switch text.uppercased() {
        case "STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT": true
        case "START", "UNSTOP", "YES": false
        default: nil
        }
    }
}
