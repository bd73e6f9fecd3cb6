extension Conversation {
    /// Someone who is registered, and is being asked nothing.
    static func menu(_ turn: Turn) -> Transition {
        if let claiming = turn.context.claiming { return claimMenu(turn, claiming) }
        return switch turn.command {
        case .help: say(.help(.menu), .menu)
        case .terms: say(.after(.termsLink(termsURL: turn.context.termsURL), .menu), .menu)
        case .menu, .start, .greeting, .yes: say(.menu, .menu)
        case .no, .resend, .changeNumber, .restart, .logout, .stop, nil: say(turn.lost(.menu), .menu)
        }
    }
}
