@testable import Conversation

/// The commands that a reply mentions: its words in capitals.
enum Advertised {
    /// In capitals for other reasons.
    private static let ordinary: Set<String> = ["UK"]

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
        return switch Command(reading: command) {
        case .yes: transition.deeds.contains { if case .acceptTerms = $0 { true } else { false } }
        case .no: reply == .declined && transition.state == .start
        case .terms: reply.text.contains(Samples.termsURL) && !reply.isLost
        case .resend: transition.deeds == [.issueCode] || reply.isRefusal
        case .changeNumber: reply == .phoneQuestion && transition.state == .awaitingPhone
        case .help: if case .help = reply { true } else { false }
        case .menu: reply == .menu && transition.state == .menu
        case .restart: if case .after(.startingAgain, _) = reply { true } else { false }
        case .logout: reply == .loggedOut && transition.state == .start
        case .stop: transition.deeds == [.optOut] && transition.state == .optedOut
        case .start: transition.deeds.first == .optIn && transition.state != .optedOut
        case .greeting, nil: false
        }
    }
}

extension Conversation.Reply {
    /// Says that the message was of no use.
    var isLost: Bool {
        switch self {
        case .after(.notUnderstood, _), .after(.cannotRead, _), .after(.numberUnreadable, _), .after(.numberFixed, _):
            true
        case .after(_, let reply): reply.isLost
        default: false
        }
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
