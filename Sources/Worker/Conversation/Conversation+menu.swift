extension Conversation {
    /// Someone who is registered, and is being asked nothing; the claim that they left is kept.
    static func menu(_ draft: ClaimDraft?, _ turn: Turn) -> Transition {
        if let claiming = turn.context.claiming { return claimMenu(draft, turn, claiming) }
        return switch turn.command {
        case .help: say(.help(.menu), .menu())
        case .terms: say(.after(.termsLink(termsURL: turn.context.termsURL), .menu), .menu())
        case .menu, .start, .greeting, .yes: say(.menu, .menu())
        case .no, .resend, .changeNumber, .restart, .logout, .stop, .deleteMyData, .reallyDelete, nil:
            say(isGoingBack(turn) ? .menu : turn.lost(.menu), .menu())
        }
    }

    /// What someone who is registered is shown, with a word about the claim that they left.
    static func menuReply(_ draft: ClaimDraft?, _ turn: Turn) -> Reply {
        draft == nil || turn.context.claiming == nil ? turn.menu : .after(.claimKept, turn.menu)
    }

    /// BACK and CANCEL where there is nothing to go back to or to cancel.
    private static func isGoingBack(_ turn: Turn) -> Bool {
        switch ClaimCommand(reading: turn.input.words) {
        case .back, .cancel: true
        case .claim, .status, .skip, .skipAll, .withdraw, .edit, nil: false
        }
    }
}
