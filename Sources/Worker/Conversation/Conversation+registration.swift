extension Conversation {
    // MARK: - One function per state

    static func terms(_ turn: Turn) -> Transition {
        switch turn.command {
        case .yes:
            var transition = register(turn).prefaced(by: .termsAccepted)
            transition.effects.insert(.acceptTerms(version: turn.context.termsVersion), at: 0)
            return transition
        case .no: return say(.declined, .start)
        case .help: return say(.help(.terms), .awaitingTerms)
        case .menu: return say(.after(.menuLater, turn.termsQuestion), .awaitingTerms)
        case .terms, .start, .greeting: return say(turn.termsQuestion, .awaitingTerms)
        case .resend, .changeNumber, .restart, .logout, .stop, nil:
            return say(turn.lost(turn.termsQuestion), .awaitingTerms)
        }
    }

    static func phone(_ turn: Turn) -> Transition {
        switch turn.command {
        case .help: return say(.help(.phone), .awaitingPhone)
        case .menu: return say(.after(.menuLater, .phoneQuestion), .awaitingPhone)
        case .terms: return say(.after(.termsLink(termsURL: turn.context.termsURL), .phoneQuestion), .awaitingPhone)
        case .start, .greeting, .changeNumber, .yes: return say(.phoneQuestion, .awaitingPhone)
        case .no, .resend, .restart, .logout, .stop: return say(turn.lost(.phoneQuestion), .awaitingPhone)
        case nil: break
        }
        guard let number = phoneCandidate(in: turn.input.words) else {
            let reply = turn.input.kind == nil ? .after(.numberUnreadable, .phoneQuestion) : turn.lost(.phoneQuestion)
            return say(reply, .awaitingPhone)
        }
        // Without a new code the number is not stored either: the last code, sent to another number, would prove it.
        if let refusal = refusal(turn, again: .sendNumber) { return say(refusal, .awaitingPhone) }
        var transition = sendCode(turn, to: number)
        transition.effects.insert(.setPhone(number), at: 0)
        return transition
    }

    static func code(_ turn: Turn) -> Transition {
        switch turn.command {
        case .resend: return register(turn)
        case .changeNumber:
            return turn.user.isKnownByUsernameOnly
                ? say(.phoneQuestion, .awaitingPhone) : say(.after(.numberFixed, turn.codeQuestion), .awaitingOTP)
        case .help: return say(turn.codeHelp, .awaitingOTP)
        case .menu: return say(.after(.menuLater, turn.codeQuestion), .awaitingOTP)
        case .terms: return say(.after(.termsLink(termsURL: turn.context.termsURL), turn.codeQuestion), .awaitingOTP)
        case .start, .greeting, .yes: return say(turn.codeQuestion, .awaitingOTP)
        case .no, .restart, .logout, .stop: return say(turn.lost(turn.codeQuestion), .awaitingOTP)
        case nil: return answer(turn)
        }
    }

    // MARK: - Codes

    /// Reads the message as the code.
    private static func answer(_ turn: Turn) -> Transition {
        let check = turn.context.codeCheck
        if check == .noCode { return say(turn.lost(turn.codeQuestion), .awaitingOTP) }
        if case .wrongAndLocked(let minutes) = check {
            let reply = Reply.codeLocked(minutes: minutes, again: .resend)
            return Transition(state: .awaitingOTP, effects: [.recordWrongCode, .reply(reply)])
        }
        // A locked number is not proven even by the right code.
        if case .locked(let minutes) = turn.context.codeAllowance {
            return say(.codeLocked(minutes: minutes, again: .resend), .awaitingOTP)
        }
        return switch check {
        case .correct: Transition(state: .menu, effects: [.consumeCode, .reply(.after(.verified, turn.menu))])
        case .wrong(let left):
            Transition(
                state: .awaitingOTP,
                effects: [.recordWrongCode, .reply(left > 0 ? .codeWrong(attemptsLeft: left) : .codeBurned)])
        case .expired: say(.codeExpired, .awaitingOTP)
        case .burned: say(.codeBurned, .awaitingOTP)
        case .noChallenge, .noCode, .wrongAndLocked: say(.codeMissing, .awaitingOTP)
        }
    }

    /// What follows the terms: a number, a code, or, for someone verified before, the menu.
    static func register(_ turn: Turn) -> Transition {
        if turn.user.isVerified { return say(turn.menu, .menu) }
        guard let number = turn.user.phoneNumber else { return say(.phoneQuestion, .awaitingPhone) }
        return sendCode(turn, to: number)
    }

    /// A new code if the limits allow one, else when the next is allowed.
    private static func sendCode(_ turn: Turn, to number: String) -> Transition {
        if let refusal = refusal(turn, again: .resend) { return say(refusal, .awaitingOTP) }
        let sent = Reply.codeSent(
            channel: turn.context.codeChannel, numberEnding: String(number.suffix(3)),
            mayChangeNumber: turn.user.isKnownByUsernameOnly)
        return Transition(state: .awaitingOTP, effects: [.issueCode, .reply(sent)])
    }

    /// Why no code may be sent now, and when one may.
    private static func refusal(_ turn: Turn, again: Reply.Again) -> Reply? {
        switch turn.context.codeAllowance {
        case .allowed: nil
        case .wait(let minutes): .codeDelayed(minutes: minutes, again: again)
        case .dailyLimit: .codeLimitReached(again: again)
        case .locked(let minutes): .codeLocked(minutes: minutes, again: again)
        }
    }
}
