extension Conversation {
    // MARK: - One function per state

    static func terms(_ draft: ClaimDraft?, _ turn: Turn) -> Transition {
        let here = State.awaitingTerms(draft)
        switch turn.command {
        case .yes:
            return register(turn, draft).prefaced(by: .termsAccepted)
                .doing(.acceptTerms(version: turn.context.termsVersion))
        case .no: return say(.declined, .start).telling(of: draft)
        case .help: return say(.help(.terms), here)
        case .menu: return say(.after(.menuLater, turn.termsQuestion), here)
        case .terms, .start, .greeting: return say(turn.termsQuestion, here)
        case .resend, .changeNumber, .restart, .logout, .stop, .deleteMyData, .reallyDelete, nil:
            return aside(draft, turn, turn.termsQuestion) { .awaitingTerms($0) }
        }
    }

    static func phone(_ draft: ClaimDraft?, _ turn: Turn) -> Transition {
        let here = State.awaitingPhone(draft)
        switch turn.command {
        case .help: return say(.help(.phone), here)
        case .menu: return say(.after(.menuLater, .phoneQuestion), here)
        case .terms: return say(.after(.termsLink(termsURL: turn.context.termsURL), .phoneQuestion), here)
        case .start, .greeting, .changeNumber, .yes: return say(.phoneQuestion, here)
        case .no, .resend, .restart, .logout, .stop, .deleteMyData, .reallyDelete, nil: break
        }
        guard let number = phoneCandidate(in: turn.input.words) else {
            let isNumber = turn.command == nil && turn.input.kind == nil
            return aside(draft, turn, .phoneQuestion, because: isNumber ? .numberUnreadable : nil) {
                .awaitingPhone($0)
            }
        }
        // What else the message says is kept, whether or not the number can be used.
        let draft = hear(draft, turn)?.draft ?? draft
        // Without a new code the number is not stored either: the last code, sent to another number, would prove it.
        if let refusal = refusal(turn, again: .sendNumber) { return say(refusal, .awaitingPhone(draft)) }
        return sendCode(turn, to: number, draft).doing(.setPhone(number))
    }

    static func code(_ draft: ClaimDraft?, _ turn: Turn) -> Transition {
        let here = State.awaitingOTP(draft)
        if turn.context.codeCheck != .noCode { return answer(hear(draft, turn)?.draft ?? draft, turn) }
        switch turn.command {
        case .resend: return register(turn, draft)
        case .changeNumber:
            return turn.user.isKnownByUsernameOnly
                ? say(.phoneQuestion, .awaitingPhone(draft)) : say(.after(.numberFixed, turn.codeQuestion), here)
        case .help: return say(turn.codeHelp, here)
        case .menu: return say(.after(.menuLater, turn.codeQuestion), here)
        case .terms: return say(.after(.termsLink(termsURL: turn.context.termsURL), turn.codeQuestion), here)
        case .start, .greeting, .yes: return say(turn.codeQuestion, here)
        case .no, .restart, .logout, .stop, .deleteMyData, .reallyDelete, nil: break
        }
        // The question before is the one for the number, where it was asked.
        if turn.user.isKnownByUsernameOnly, ClaimCommand(reading: turn.input.words) == .back {
            return say(.phoneQuestion, .awaitingPhone(draft))
        }
        return aside(draft, turn, turn.codeQuestion) { .awaitingOTP($0) }
    }

    // MARK: - Codes

    /// Reads the message as the code.
    private static func answer(_ draft: ClaimDraft?, _ turn: Turn) -> Transition {
        let here = State.awaitingOTP(draft)
        let check = turn.context.codeCheck
        if case .wrongAndLocked(let minutes) = check {
            let reply = Reply.codeLocked(minutes: minutes, again: .resend)
            return Transition(state: here, effects: [.recordWrongCode, .reply(reply)])
        }
        // A locked number is not proven even by the right code.
        if case .locked(let minutes) = turn.context.codeAllowance {
            return say(.codeLocked(minutes: minutes, again: .resend), here)
        }
        return switch check {
        case .correct: arrive(draft, turn).prefaced(by: .verified).doing(.consumeCode)
        case .wrong(let left):
            Transition(
                state: here,
                effects: [.recordWrongCode, .reply(left > 0 ? .codeWrong(attemptsLeft: left) : .codeBurned)])
        case .expired: say(.codeExpired, here)
        case .burned: say(.codeBurned, here)
        case .noChallenge, .noCode, .wrongAndLocked: say(.codeMissing, here)
        }
    }

    /// What follows the terms: a number, a code, or, for someone verified before, the menu.
    static func register(_ turn: Turn, _ draft: ClaimDraft?) -> Transition {
        if turn.user.isVerified { return arrive(draft, turn) }
        guard let number = turn.user.phoneNumber else { return say(.phoneQuestion, .awaitingPhone(draft)) }
        return sendCode(turn, to: number, draft)
    }

    /// A new code if the limits allow one, else when the next is allowed.
    private static func sendCode(_ turn: Turn, to number: String, _ draft: ClaimDraft?) -> Transition {
        if let refusal = refusal(turn, again: .resend) { return say(refusal, .awaitingOTP(draft)) }
        let sent = Reply.codeSent(
            channel: turn.context.codeChannel, numberEnding: String(number.suffix(3)),
            mayChangeNumber: turn.user.isKnownByUsernameOnly)
        return Transition(state: .awaitingOTP(draft), effects: [.issueCode, .reply(sent)])
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
