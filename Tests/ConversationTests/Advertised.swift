@testable import Conversation

/// The commands that a reply mentions: its words in capitals.
enum Advertised {
    /// In capitals for other reasons.
    private static let ordinary: Set<String> = ["UK", "PDF", "JPEG", "PNG", "MB"]
    /// Named after EDIT DATE, and working behind EDIT.
    static let slotNames: Set<String> = ["FROM", "TO", "TIME", "FARE", "CLASS", "TYPE", "PHOTO", "DATE"]

    /// The codes of stations and the references of claims are no commands.
    static func withoutCodes(_ reply: String) -> String {
        reply.replacing(#/\([A-Z]{3}\)/#, with: "").replacing(#/ ?DR-[A-Z0-9]+/#, with: "")
    }

    static func commands(in text: String) -> [String] {
        var commands: [String] = []
        var continues = false
        for token in text.replacing(Samples.termsURL, with: "").split(whereSeparator: \.isWhitespace) {
            let word = String(token.filter(\.isLetter))
            if word.count > 1, word.allSatisfy(\.isUppercase), !ordinary.contains(word) {
                if continues, let last = commands.popLast() {
                    commands.append(last + " " + word)
                } else {
                    commands.append(word)
                }
                continues = token.allSatisfy(\.isLetter)
            } else {
                continues = false
            }
        }
        return commands
    }

    /// Whether a command did what its name says; false too for a command that is none.
    static func works(_ command: String, _ transition: Conversation.Transition) -> Bool {
        guard let reply = transition.replies.first, transition.replies.count == 1 else { return false }
        if let settings = SettingsCommand(reading: command) { return works(settings, reply) }
        return switch Command(reading: command) {
        case .yes:
            transition.deeds.contains { if case .acceptTerms = $0 { true } else { $0 == .eraseUser } }
        case .no:
            reply == .declined && transition.state == .start
                || reply.isBeginning(.nothingDeleted) && !transition.state.isConfirmingErasure
        case .terms: reply.text.contains(Samples.termsURL) && !reply.isLost
        case .resend: transition.deeds == [.issueCode] || reply.isRefusal
        case .changeNumber: reply == .phoneQuestion && transition.state == .awaitingPhone()
        case .help: if case .help = reply { true } else { false }
        case .menu: reply.asked == .menu && transition.state == .menu()
        case .restart: reply.isBeginning(.startingAgain)
        case .logout: reply == .loggedOut && transition.state == .start
        case .stop: transition.deeds == [.optOut] && transition.state == .optedOut
        case .deleteMyData: reply == .erasureQuestion && transition.state.isConfirmingErasure
        case .start: transition.deeds.first == .optIn && transition.state != .optedOut
        case .reallyDelete, .greeting, nil: false
        }
    }

    private static func works(_ command: SettingsCommand, _ reply: Conversation.Reply) -> Bool {
        let answer: Conversation.SettingsReply? =
            switch reply {
            case .settings(let answer), .after(.settings(let answer), _): answer
            default: nil
            }
        return switch (command, answer) {
        case (.show, .shown), (.unclear, .notificationsQuestion), (.unclear, .languageQuestion),
            (.unclear, .timeZoneQuestion):
            true
        case (.change(let change), .changed(let changed)): change == changed
        default: false
        }
    }
}

extension Conversation.Reply {
    /// Says that the message was of no use.
    var isLost: Bool {
        switch self {
        case .after(.notUnderstood, _), .after(.cannotRead, _), .after(.numberUnreadable, _), .after(.numberFixed, _),
            .after(.claim(.photoUnreadable), _), .after(.claim(.photoRefused), _):
            true
        case .after(_, let reply): reply.isLost
        default: false
        }
    }

    /// What is asked, without the sentences before it.
    var asked: Conversation.Reply {
        if case .after(_, let reply) = self { reply.asked } else { self }
    }

    func isBeginning(_ preface: Preface) -> Bool {
        if case .after(preface, _) = self { true } else { false }
    }

    /// Says when the next code is allowed.
    var isRefusal: Bool {
        switch self {
        case .codeDelayed, .codeLimitReached, .codeLocked: true
        default: false
        }
    }

    /// The name of the reply, without what it says.
    var name: String {
        switch self {
        case .after(let preface, let reply): "\("\(preface)".prefix { $0 != "(" }) + \(reply.name)"
        default: String("\(self)".prefix { $0 != "(" })
        }
    }
}
