/// Everything that is said to a passenger, in one place to be read and translated.
///
/// A word in capitals is a command, and works in the state that the reply leads to; a test reads them out of the texts.
package enum Texts {
    /// The message that carries a one-time code: the code first, so that a phone's preview shows it.
    package static func codeMessage(code: String) -> String {
        "\(code) is your Delay Repay code. It works for 5 minutes. Never share it: we will not ask you for it by phone."
    }

    /// To someone whose messages were turned away because there were too many of them in a minute.
    package static func tooManyMessages() -> String {
        """
        You are writing faster than I can read, so I have not seen your last messages. Please wait a minute, then send \
        them again.
        """
    }

    // MARK: - Registration

    static func welcome(name: String?, termsURL: String) -> String {
        """
        \(introduction(name: name))

        Please read our terms first: \(termsURL)

        Reply YES to accept them or NO to decline. HELP explains more.
        """
    }

    private static func introduction(name: String?) -> String {
        "Hello\(name.map { " \($0)" } ?? ""), this is the Delay Repay assistant."
    }

    static func termsQuestion(termsURL: String) -> String {
        """
        Please read our terms: \(termsURL)

        Reply YES to accept them or NO to decline. HELP explains more.
        """
    }

    static func declined() -> String {
        "All right, we will leave it there. You have not accepted our terms. Your next message starts again."
    }

    static func leftUnregistered() -> String {
        "All right, we will leave it there. You are not registered yet. Your next message starts again."
    }

    static func phoneQuestion() -> String {
        """
        Please send your UK mobile number, for example 07700 900123, so that a code can be sent to it. A number from \
        another country starts with + and the country code.
        """
    }

    static func codeSent(channel: Conversation.CodeChannel, numberEnding: String, mayChangeNumber: Bool) -> String {
        let way =
            switch channel {
            case .sms: "by text message"
            case .whatsApp: "in a separate WhatsApp message"
            }
        return """
            We are sending a six-digit code \(way) to your number ending \(numberEnding). Please send the code here \
            within 5 minutes.

            Nothing arrived? Reply RESEND.\(wrongNumber(mayChangeNumber))
            """
    }

    static func codeQuestion(mayChangeNumber: Bool) -> String {
        """
        Please send your six-digit code, for example 123456. No code? Reply RESEND.\(wrongNumber(mayChangeNumber))
        """
    }

    static func codeWrong(attemptsLeft: Int) -> String {
        """
        That code is not right. You have \(count(attemptsLeft, "try", "tries")) left. Please check it and send it \
        again, or reply RESEND to ask for a new one.
        """
    }

    static func codeBurned() -> String {
        "That code has been tried too often and no longer works. Reply RESEND to ask for a new one."
    }

    static func codeExpired() -> String {
        "That code is too old: a code works for 5 minutes. Reply RESEND to ask for a new one."
    }

    static func codeMissing() -> String {
        "There is no code waiting to be confirmed. Reply RESEND to ask for one."
    }

    static func codeDelayed(minutes: Int, again: Conversation.Reply.Again) -> String {
        let time = count(minutes, "minute", "minutes")
        return switch again {
        case .resend: "We cannot send another code just yet. Reply RESEND in \(time) to ask for one."
        case .sendNumber: "We cannot send a code just yet. Please send the number again in \(time)."
        }
    }

    static func codeLimitReached(again: Conversation.Reply.Again) -> String {
        switch again {
        case .resend: "We cannot send any more codes to this number today. Reply RESEND tomorrow to ask for one."
        case .sendNumber: "We cannot send any more codes to that number today. Please send the number again tomorrow."
        }
    }

    static func codeLocked(minutes: Int, again: Conversation.Reply.Again) -> String {
        let time = count(minutes, "minute", "minutes")
        return switch again {
        case .resend: "There were too many wrong codes. Reply RESEND in \(time) to ask for a new one."
        case .sendNumber: "There were too many wrong codes. Please send the number again in \(time)."
        }
    }

    // MARK: - Registered

    static func menu() -> String {
        """
        You are registered, and your number is confirmed. These words work here:

        HELP: what you can send
        TERMS: our terms
        SETTINGS: notifications, language and time zone
        LOGOUT: end this session
        STOP: hear nothing more from us
        DELETE MY DATA: delete all we hold about you
        """
    }

    static func loggedOut() -> String { "You are logged out. Your next message starts again." }

    static func optedOut() -> String {
        "You will hear nothing more from us. Reply START if you change your mind."
    }

    // MARK: - Help

    static func help(topic: Conversation.Reply.Topic) -> String {
        let first =
            switch topic {
            case .terms:
                """
                To go on, we need your answer to our terms. Reply YES to accept them, NO to decline, or TERMS to see \
                where they are.
                """
            case .phone:
                "To go on, we need your mobile number. \(phoneQuestion())"
            case .code(let mayChange):
                "To go on, your number has to be confirmed. \(codeQuestion(mayChangeNumber: mayChange))"
            case .menu:
                "You are registered. MENU shows what you can send, and TERMS where our terms are."
            case .erasure: helpOnErasure()
            case .optedOut:
                "You asked us to stop, so we send you nothing. Reply START to hear from us again."
            }
        return topic == .optedOut ? first : first + "\n\n" + helpEverywhere()
    }

    /// What works in every state.
    static func helpEverywhere() -> String {
        """
        SETTINGS shows your settings, RESTART begins again, LOGOUT ends this session, STOP ends all messages from us, \
        DELETE MY DATA deletes all we hold about you.
        """
    }

    // MARK: - Prefaces

    static func preface(_ preface: Conversation.Reply.Preface) -> String {
        switch preface {
        case .introduction(let name): introduction(name: name)
        case .welcomeBack(let name): "Welcome back\(name.map { ", \($0)" } ?? "")."
        case .optedIn: "Welcome back. You will hear from us again."
        case .startingAgain: "Let us start again."
        case .termsAccepted: "Thank you for accepting our terms."
        case .termsLink(let termsURL): "Our terms are here: \(termsURL)"
        case .verified: "Thank you, that is the right code."
        case .menuLater: "The menu opens once you have registered."
        case .numberUnreadable: "Sorry, I could not read a mobile number in that."
        case .numberFixed: "The code goes to the number of this chat, which cannot be changed here."
        case .notUnderstood: "Sorry, I did not understand that."
        case .claim(let preface): claimPreface(preface)
        case .claimStatus(let claims): claimStatus(claims)
        case .settings(let reply): settings(reply)
        case .nothingDeleted: "All right, nothing is deleted."
        case .kept(let slots, let draft): kept(slots, draft)
        case .claimLater: "We begin your claim once you have registered."
        case .claimsLater: "Your claims can be seen and changed once you have registered."
        case .nothingBefore: "There is no question before this one."
        case .claimKept: "Your unfinished claim is kept: DELAY goes on with it, CANCEL drops it."
        case .claimDropped: "Your unfinished claim is dropped."
        case .cannotRead(let kind): "Sorry, I cannot use \(plural(kind)) here. Please type your message."
        }
    }

    // MARK: - Parts

    private static func wrongNumber(_ mayChangeNumber: Bool) -> String {
        mayChangeNumber ? " Wrong number? Reply CHANGE NUMBER." : ""
    }

    static func count(_ number: Int, _ one: String, _ many: String) -> String {
        number <= 1 ? "1 \(one)" : "\(number) \(many)"
    }

    static func plural(_ kind: Conversation.Kind) -> String {
        switch kind {
        case .photo: "photos"
        case .document: "documents"
        case .video: "videos"
        case .voiceNote: "voice notes"
        case .sticker: "stickers"
        case .location: "locations"
        case .contact: "contacts"
        case .unsupported: "messages of this kind"
        }
    }
}
