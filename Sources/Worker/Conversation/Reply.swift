extension Conversation {
    /// What is said, by name; the wording is in `Texts`.
    package indirect enum Reply: Hashable, Sendable {
        case welcome(name: String?, termsURL: String)
        case termsQuestion(termsURL: String)
        case declined
        case phoneQuestion
        case codeSent(channel: CodeChannel, numberEnding: String, mayChangeNumber: Bool)
        case codeQuestion(mayChangeNumber: Bool)
        case codeWrong(attemptsLeft: Int)
        case codeBurned
        case codeExpired
        case codeMissing
        /// No code is sent now; `again` is how to ask once it is allowed.
        case codeDelayed(minutes: Int, again: Again)
        case codeLimitReached(again: Again)
        case codeLocked(minutes: Int, again: Again)
        case menu
        case help(Topic)
        case loggedOut
        case optedOut
        case claim(ClaimReply)
        case settings(SettingsReply)
        case erasureQuestion
        case erased
        /// Registration is left before its end.
        case leftUnregistered
        /// A sentence about what just happened, and then what is asked.
        case after(Preface, Reply)

        /// How to ask for a code once more.
        package enum Again: Hashable, Sendable { case resend, sendNumber }

        /// What HELP explains: one topic a state.
        package enum Topic: Hashable, Sendable {
            case terms, phone
            case code(mayChangeNumber: Bool)
            case menu, erasure, optedOut
        }

        /// What just happened, said before what is asked.
        package enum Preface: Hashable, Sendable {
            case introduction(name: String?)
            case welcomeBack(name: String?)
            case optedIn
            case startingAgain
            case termsAccepted
            case termsLink(termsURL: String)
            case verified
            case menuLater
            case numberUnreadable
            case numberFixed
            case notUnderstood
            case cannotRead(Kind)
            case claim(ClaimReply.Preface)
            case claimStatus([Claiming.Status])
            case settings(SettingsReply)
            case nothingDeleted
            /// Said of a journey before registration: the answers that were taken, in the draft as it is now.
            case kept([Slot], ClaimDraft)
            /// A claim, or a word about claims, has to wait for registration.
            case claimLater, claimsLater
            /// There is no question before this one.
            case nothingBefore
            /// The claim that MENU interrupted is kept, or is dropped by leaving.
            case claimKept, claimDropped
        }
    }
}

extension Conversation.Reply {
    /// The words to send: British English, at most 1,000 characters.
    package var text: String {
        switch self {
        case .welcome(let name, let termsURL): Texts.welcome(name: name, termsURL: termsURL)
        case .termsQuestion(let termsURL): Texts.termsQuestion(termsURL: termsURL)
        case .declined: Texts.declined()
        case .phoneQuestion: Texts.phoneQuestion()
        case .codeSent(let channel, let ending, let mayChange):
            Texts.codeSent(channel: channel, numberEnding: ending, mayChangeNumber: mayChange)
        case .codeQuestion(let mayChange): Texts.codeQuestion(mayChangeNumber: mayChange)
        case .codeWrong(let left): Texts.codeWrong(attemptsLeft: left)
        case .codeBurned: Texts.codeBurned()
        case .codeExpired: Texts.codeExpired()
        case .codeMissing: Texts.codeMissing()
        case .codeDelayed(let minutes, let again): Texts.codeDelayed(minutes: minutes, again: again)
        case .codeLimitReached(let again): Texts.codeLimitReached(again: again)
        case .codeLocked(let minutes, let again): Texts.codeLocked(minutes: minutes, again: again)
        case .menu: Texts.menu()
        case .help(let topic): Texts.help(topic: topic)
        case .loggedOut: Texts.loggedOut()
        case .optedOut: Texts.optedOut()
        case .claim(let reply): Texts.claim(reply)
        case .settings(let reply): Texts.settings(reply)
        case .erasureQuestion: Texts.erasureQuestion()
        case .erased: Texts.erased()
        case .leftUnregistered: Texts.leftUnregistered()
        case .after(let preface, let reply): Texts.preface(preface) + "\n\n" + reply.text
        }
    }
}
