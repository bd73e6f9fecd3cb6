@testable import Conversation

/// The commands that a reply mentions: its words in capitals.
enum Advertised {
    /// In capitals for other reasons.
    private static let ordinary: Set<String> = ["UK", "PDF", "JPEG", "PNG", "MB", "UTC"]
    /// Named after EDIT DATE, and working behind EDIT.
    static let slotNames: Set<String> = ["FROM", "TO", "TIME", "FARE", "CLASS", "TYPE", "PHOTO", "DATE"]

    /// The codes of stations and the references of claims are no commands.
    static func withoutCodes(_ reply: String) -> String {
        reply.replacing(#/\([A-Z]{3}\)/#, with: "").replacing(#/ ?DR-[A-Z0-9]+/#, with: "")
    }

    static func commands(in text: String) -> [String] {
        var commands: [String] = []
        var continues = false
        for token in text.split(whereSeparator: \.isWhitespace) {
            let word = String(token.filter(\.isLetter))
            // The codes of stations, the references of claims, addresses.
            if token.hasPrefix("(") || token.hasPrefix(ClaimReference.prefix) || token.contains("/") {
                continues = false
            } else if word.count > 1, word.allSatisfy(\.isUppercase), !ordinary.contains(word) {
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
    ///
    /// What is asked of both kinds of commands, such as CANCEL, is enough when it is done as one of them.
    static func works(_ command: String, _ transition: Conversation.Transition) -> Bool {
        guard let reply = transition.replies.first, transition.replies.count == 1, !reply.isLost else { return false }
        if let settings = SettingsCommand(reading: command) { return works(settings, reply) }
        if let claim = ClaimCommand(reading: command), works(claim, reply, transition.state) { return true }
        return switch Command(reading: command) {
        case .yes:
            transition.deeds.contains { deed in
                switch deed {
                case .acceptTerms, .eraseUser, .submitClaim: true
                default: false
                }
            }
        case .no:
            reply.asked == .declined && transition.state == .start || reply == .claim(.changeWhat)
                || reply.isBeginning(.nothingDeleted) && !transition.state.isConfirmingErasure
        case .terms: reply.text.contains(Samples.termsURL)
        case .resend: transition.deeds == [.issueCode] || reply.isRefusal
        case .changeNumber: reply == .phoneQuestion && transition.state.isAwaitingPhone
        case .help:
            switch reply.asked {
            case .help, .claim(.help): true
            default: false
            }
        case .menu: reply.asked == .menu || reply.asked == .claim(.menu)
        case .restart: reply.isBeginning(.startingAgain) || reply.prefaces.contains(.startingAgain)
        case .logout: reply.asked == .loggedOut && transition.state == .start
        case .stop: transition.deeds == [.optOut] && transition.state == .optedOut
        case .deleteMyData: reply == .erasureQuestion && transition.state.isConfirmingErasure
        case .start: transition.deeds.first == .optIn && transition.state != .optedOut
        case .reallyDelete, .greeting, nil: false
        }
    }

    private static func works(
        _ command: ClaimCommand, _ reply: Conversation.Reply, _ state: Conversation.State
    ) -> Bool {
        switch command {
        case .claim: if case .claiming = state { true } else { reply.prefaces.contains(.claimLater) }
        case .status:
            if case .claim(.status) = reply {
                true
            } else {
                reply.prefaces.contains { if case .claimStatus = $0 { true } else { $0 == .claimsLater } }
            }
        case .back: true
        case .cancel:
            switch reply.asked {
            case .claim(.cancelled), .leftUnregistered: true
            default: reply.isBeginning(.nothingDeleted)
            }
        case .skip: reply.prefaces.contains(.claim(.skipped))
        case .skipAll: if case .claiming = state { true } else { false }
        case .withdraw:
            if case .claim(.withdrawal) = reply {
                true
            } else {
                reply.prefaces.contains { if case .claim(.withdrawal) = $0 { true } else { false } }
            }
        case .edit(nil): reply == .claim(.changeWhat)
        case .edit(let slot?): if case .claiming(.collecting(slot), _) = state { true } else { false }
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
            .after(.claim(.photoUnreadable), _),
            .after(.claim(.photoRefused), _):
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
}

extension Conversation.State {
    fileprivate var isAwaitingPhone: Bool { if case .awaitingPhone = self { true } else { false } }
}
