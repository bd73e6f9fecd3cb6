extension Conversation {
    /// What a message makes of a conversation.
    ///
    /// Total: every state meets every input and every context without a trap, with at most one reply. A state whose
    /// data is missing (a menu without a verified number, new terms in mid-session) counts as `start`.
    package static func reduce(_ state: State, _ input: Input, _ context: Context) -> Transition {
        let turn = Turn(input, context)
        if turn.user.isNew { return meet(turn) }
        if state == .optedOut || turn.user.isOptedOut { return rejoin(turn) }
        if turn.command == .stop { return Transition(state: .optedOut, effects: [.optOut, .reply(.optedOut)]) }
        if turn.command == .logout { return say(.loggedOut, .start) }
        if turn.command == .restart { return resume(turn, .startingAgain) }
        return switch supported(state, turn) {
        case .start, .optedOut: open(turn)
        case .awaitingTerms: terms(turn)
        case .awaitingPhone: phone(turn)
        case .awaitingOTP: code(turn)
        case .menu: menu(turn)
        case .claiming(let state, let draft): turn.context.claiming.map { claim(state, draft, turn, $0) } ?? open(turn)
        }
    }

    static func say(_ reply: Reply, _ state: State) -> Transition {
        Transition(state: state, effects: [.reply(reply)])
    }

    /// The state itself when the user has all that it rests on, else `start`.
    private static func supported(_ state: State, _ turn: Turn) -> State {
        let user = turn.user
        return switch state {
        case .start, .awaitingTerms, .optedOut: state
        case .awaitingPhone: user.termsAccepted && !user.isVerified ? state : .start
        case .awaitingOTP: user.termsAccepted && !user.isVerified && user.phoneNumber != nil ? state : .start
        case .menu: user.termsAccepted && user.isVerified ? state : .start
        case .claiming: user.termsAccepted && user.isVerified && turn.context.claiming != nil ? state : .start
        }
    }

    /// Someone who has never written before: whatever they say, they are told who we are and asked about the terms.
    private static func meet(_ turn: Turn) -> Transition {
        guard turn.command != .stop else {
            return Transition(state: .optedOut, effects: [.registerUser, .optOut, .reply(.optedOut)])
        }
        let welcome = Reply.welcome(name: turn.name, termsURL: turn.context.termsURL)
        return Transition(state: .awaitingTerms, effects: [.registerUser, .reply(welcome)])
    }

    /// Someone who said STOP: silence, but for START and HELP.
    private static func rejoin(_ turn: Turn) -> Transition {
        switch turn.command {
        case .start:
            var transition = resume(turn, .optedIn)
            transition.effects.insert(.optIn, at: 0)
            return transition
        case .help:
            return say(.help(.optedOut), .optedOut)
        case .yes, .no, .terms, .resend, .changeNumber, .menu, .restart, .logout, .stop, .greeting, nil:
            return Transition(state: .optedOut, effects: [])
        }
    }

    /// The first message of a session of someone we know: they are greeted, and the message is processed.
    private static func open(_ turn: Turn) -> Transition {
        let greeting = Reply.Preface.welcomeBack(name: turn.name)
        if turn.user.termsAccepted, turn.user.isVerified { return menu(turn).prefaced(by: greeting) }
        if turn.command == .help { return help(turn) }
        guard turn.user.termsAccepted, turn.user.phoneNumber != nil else { return resume(turn, greeting) }
        return turn.context.codeCheck == .noCode && turn.command != .changeNumber && turn.command != .terms
            ? resume(turn, greeting) : code(turn)
    }

    /// HELP with the first message of a session: about the step that is next, and nothing is sent by it.
    private static func help(_ turn: Turn) -> Transition {
        if !turn.user.termsAccepted { return say(.help(.terms), .awaitingTerms) }
        return turn.user.phoneNumber == nil ? say(.help(.phone), .awaitingPhone) : say(turn.codeHelp, .awaitingOTP)
    }

    /// Goes to the step that the user has not yet done, as if nothing had been asked before.
    private static func resume(_ turn: Turn, _ preface: Reply.Preface) -> Transition {
        let next =
            if !turn.user.termsAccepted {
                say(turn.termsQuestion, .awaitingTerms)
            } else {
                register(turn)
            }
        return next.prefaced(by: preface)
    }
}

extension Conversation.Transition {
    /// The same with a sentence before what is said.
    func prefaced(by preface: Conversation.Reply.Preface) -> Self {
        var transition = self
        transition.effects = effects.map { effect in
            if case .reply(let reply) = effect { .reply(.after(preface, reply)) } else { effect }
        }
        return transition
    }
}
