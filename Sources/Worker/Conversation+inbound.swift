import Common
import Conversation

extension InboundMessage {
    /// What the passenger said: what a button or a line of a list is named, or shows, counts as if it had been typed.
    ///
    /// The name (payload, id) goes before what is shown where it is a command: `YES` behind "I accept the terms".
    var words: String {
        if let name = button?.payload ?? listID, Conversation.isCommand(name) { return name }
        return button?.text ?? listTitle ?? body
    }
}

extension Conversation.Input {
    /// What a message is to the conversation; `problem` is what is wrong with its file, once that was looked into.
    init(_ message: InboundMessage, problem: Conversation.Media.Problem? = nil) {
        if let media = message.media.first {
            self = .media(
                .init(url: media.url, contentType: media.contentType, caption: message.body, problem: problem))
            return
        }
        switch message.messageType {
        case "location": self = .other(.location)
        case "contacts": self = .other(.contact)
        case "sticker": self = .other(.sticker)
        case "audio": self = .other(.voiceNote)
        case "video": self = .other(.video)
        case let type:
            if message.location != nil {
                self = .other(.location)
            } else if message.words.isEmpty, type == "unsupported" || type == "reaction" || type == "order" {
                self = .other(.unsupported)
            } else {
                self = .text(message.words)
            }
        }
    }
}

extension Conversation.State {
    /// Whether a message in this state may hold a one-time code, whatever it looks like.
    var mayHoldCode: Bool {
        switch self {
        case .awaitingOTP: true
        case .confirmingErasure(let interrupted): interrupted.mayHoldCode
        case .start, .awaitingTerms, .awaitingPhone, .menu, .claiming, .optedOut: false
        }
    }

    /// Whether a number in a message is where the next code goes.
    var awaitsNumber: Bool {
        switch self {
        case .awaitingPhone: true
        case .confirmingErasure(let interrupted): interrupted.awaitsNumber
        case .start, .awaitingTerms, .awaitingOTP, .menu, .claiming, .optedOut: false
        }
    }
}
