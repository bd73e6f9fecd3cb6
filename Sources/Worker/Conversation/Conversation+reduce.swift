extension Conversation {
    /// What a message makes of a conversation.
    ///
    /// Total: every state meets every input and every context without a trap, with at most one reply. A state whose
    /// data is missing (a menu without a verified number, new terms in mid-session) counts as `start`; what was said of
    /// a journey is kept.
    package static func reduce(_ state: State, _ input: Input, _ context: Context) -> Transition {
        let turn = Turn(input, context)
        if turn.user.isNew { return meet(turn) }
        if state == .optedOut || turn.user.isOptedOut { return rejoin(turn) }
        if turn.command == .stop { return Transition(state: .optedOut, effects: [.optOut, .reply(.optedOut)]) }
        if turn.command == .logout { return say(.loggedOut, .start).telling(of: state.draft) }
        if turn.command == .restart { return resume(turn, nil).prefaced(by: .startingAgain).telling(of: state.draft) }
        let (place, isOpening) = place(of: state, turn)
        if let command = turn.settings {
            return settings(command, place, turn).prefaced(by: isOpening ? turn.welcomeBack : nil)
        }
        if turn.command == .deleteMyData || turn.command == .reallyDelete && !place.isConfirmingErasure {
            return askErasure(place)
        }
        return isOpening ? open(place, turn) : dispatch(place, turn)
    }

    static func say(_ reply: Reply, _ state: State) -> Transition {
        Transition(state: state, effects: [.reply(reply)])
    }

    /// What a message means where the conversation stands.
    static func dispatch(_ state: State, _ turn: Turn) -> Transition {
        switch state {
        case .start: open(step(turn, state.draft), turn)
        case .optedOut: rejoin(turn)
        case .awaitingTerms(let draft): terms(draft, turn)
        case .awaitingPhone(let draft): phone(draft, turn)
        case .awaitingOTP(let draft): code(draft, turn)
        case .menu(let draft): menu(draft, turn)
        case .claiming(let claim, let draft):
            turn.context.claiming.map { self.claim(claim, draft, turn, $0) } ?? menu(nil, turn)
        case .confirmingErasure(let interrupted): confirmErasure(interrupted, turn)
        }
    }

    /// What is being asked in a state; nil where nothing is.
    static func question(_ state: State, _ turn: Turn) -> Reply? {
        switch state {
        case .start, .optedOut, .menu: nil
        case .awaitingTerms: turn.termsQuestion
        case .awaitingPhone: .phoneQuestion
        case .awaitingOTP: turn.codeQuestion
        case .claiming(let claim, let draft): question(claim, draft)
        case .confirmingErasure: .erasureQuestion
        }
    }

    /// The state itself when the user has all that it rests on, else the step that is next, as a session is opened.
    private static func place(of state: State, _ turn: Turn) -> (state: State, isOpening: Bool) {
        let user = turn.user
        let isSupported =
            switch state {
            case .start, .optedOut: false
            case .awaitingTerms: !user.termsAccepted
            case .awaitingPhone: user.termsAccepted && !user.isVerified
            case .awaitingOTP: user.termsAccepted && !user.isVerified && user.phoneNumber != nil
            case .menu: user.termsAccepted && user.isVerified
            case .claiming: user.termsAccepted && user.isVerified && turn.context.claiming != nil
            case .confirmingErasure: true
            }
        if case .confirmingErasure(let interrupted) = state {
            return (.confirmingErasure(from: place(of: interrupted, turn).state), false)
        }
        return isSupported ? (state, false) : (step(turn, state.draft), true)
    }

    /// The step of registration that the user has not yet done, and the menu when there is none; nothing is sent by it.
    private static func step(_ turn: Turn, _ draft: ClaimDraft?) -> State {
        if !turn.user.termsAccepted { return .awaitingTerms(draft) }
        if turn.user.isVerified { return .menu(draft) }
        return turn.user.phoneNumber == nil ? .awaitingPhone(draft) : .awaitingOTP(draft)
    }

    /// Someone who has never written before: whatever they say, they are told who we are and asked about the terms.
    private static func meet(_ turn: Turn) -> Transition {
        guard turn.command != .stop else {
            return Transition(state: .optedOut, effects: [.registerUser, .optOut, .reply(.optedOut)])
        }
        guard let heard = hear(nil, turn) else {
            let welcome = Reply.welcome(name: turn.name, termsURL: turn.context.termsURL)
            return Transition(state: .awaitingTerms(), effects: [.registerUser, .reply(welcome)])
        }
        return say(turn.termsQuestion, .awaitingTerms(heard.draft)).prefaced(by: heard.prefaces)
            .prefaced(by: .introduction(name: turn.name)).doing(.registerUser)
    }

    /// Someone who said STOP: silence, but for START and HELP.
    private static func rejoin(_ turn: Turn) -> Transition {
        switch turn.command {
        case .start:
            return resume(turn, nil).prefaced(by: .optedIn).doing(.optIn)
        case .help:
            return say(.help(.optedOut), .optedOut)
        case .yes, .no, .terms, .resend, .changeNumber, .menu, .restart, .logout, .stop, .deleteMyData, .reallyDelete,
            .greeting, nil:
            return Transition(state: .optedOut, effects: [])
        }
    }

    /// The first message of a session of someone we know: they are greeted, and the message is processed.
    private static func open(_ place: State, _ turn: Turn) -> Transition {
        switch place {
        case .menu(let draft): return menu(draft, turn).prefaced(by: turn.welcomeBack)
        case .awaitingOTP(let draft)
        where turn.context.codeCheck != .noCode || turn.command == .changeNumber || turn.command == .terms:
            return code(draft, turn)
        case .awaitingTerms, .awaitingPhone, .awaitingOTP, .start, .optedOut, .claiming, .confirmingErasure: break
        }
        if turn.command == .help { return dispatch(place, turn) }
        if let answer = claimsAsked(place, turn) { return answer.prefaced(by: turn.welcomeBack) }
        if let heard = hear(place.draft, turn) {
            return resume(turn, heard.draft).prefaced(by: heard.prefaces).prefaced(by: turn.welcomeBack)
        }
        return resume(turn, place.draft).prefaced(by: turn.welcomeBack)
    }

    /// Goes to the step that the user has not yet done, as if nothing had been asked before.
    private static func resume(_ turn: Turn, _ draft: ClaimDraft?) -> Transition {
        turn.user.termsAccepted ? register(turn, draft) : say(turn.termsQuestion, .awaitingTerms(draft))
    }
}
