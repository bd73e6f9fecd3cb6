extension Conversation {
    /// Asks whether everything is really to be deleted; where they were is kept.
    static func askErasure(_ state: State) -> Transition {
        if case .confirmingErasure = state { return say(.erasureQuestion, state) }
        return say(.erasureQuestion, .confirmingErasure(from: state))
    }

    /// Someone who asked for their data to be deleted: YES deletes them, NO, BACK and CANCEL lead back.
    static func confirmErasure(_ interrupted: State, _ turn: Turn) -> Transition {
        let here = State.confirmingErasure(from: interrupted)
        func leave() -> Transition {
            say(.after(.nothingDeleted, question(interrupted, turn) ?? menuReply(interrupted.draft, turn)), interrupted)
        }
        // "cancel" is a NO as well.
        switch ClaimCommand(reading: turn.input.words) {
        case .back, .cancel: return leave()
        case .status, .withdraw:
            if let answer = claimsAsked(here, turn) { return answer }
        case .claim, .skip, .skipAll, .edit, nil: break
        }
        switch turn.command {
        case .yes, .reallyDelete: return Transition(state: .start, effects: [.eraseUser, .reply(.erased)])
        case .no: return leave()
        case .menu: return dispatch(interrupted, turn).prefaced(by: .nothingDeleted)
        case .help: return say(.help(.erasure), here)
        case .terms: return say(.after(.termsLink(termsURL: turn.context.termsURL), .erasureQuestion), here)
        case .start, .greeting, .deleteMyData: return say(.erasureQuestion, here)
        case .resend, .changeNumber, .restart, .logout, .stop, nil: return say(turn.lost(.erasureQuestion), here)
        }
    }
}
