import Testing

@testable import Conversation

/// Every state meets every input and everybody, likely or not.
@Suite struct EveryPairTests {
    @Test(arguments: Samples.states, Samples.users)
    func everyPairIsHandled(state: Conversation.State, user: Conversation.User) throws {
        for input in Samples.inputs {
            for allowance in Samples.allowances {
                let context = Samples.context(user, allowance: allowance)
                try verify(Conversation.reduce(state, input, context), state, input, context)
            }
        }
    }

    /// What the worker says of a code meets every state too, whether or not the message looks like one.
    @Test(arguments: Samples.states, Samples.users)
    func everyCheckIsHandled(state: Conversation.State, user: Conversation.User) throws {
        for input in [Conversation.Input.text("123456"), .text("HELP"), .text(""), .other(.location)] {
            for check in Samples.checks {
                for allowance in Samples.allowances {
                    let context = Samples.context(user, check: check, allowance: allowance)
                    try verify(Conversation.reduce(state, input, context), state, input, context)
                }
            }
        }
    }

    private func verify(
        _ transition: Conversation.Transition, _ state: Conversation.State, _ input: Conversation.Input,
        _ context: Conversation.Context
    ) throws {
        func place() -> Comment { "\(state) \(input) \(context)" }
        try #require(transition.replies.count <= 1, place())
        try #require(try StoredState(transition.state).state() == transition.state, place())
        try #require(transition.deeds.contains(.registerUser) == context.user.isNew, place())
        if transition.deeds.contains(.consumeCode) {
            try #require(context.codeCheck == .correct && context.user.termsAccepted, place())
        }
        if transition.deeds.contains(.issueCode) { try #require(context.codeAllowance == .allowed, place()) }
        guard let reply = transition.replies.first else {
            let wasOptedOut = state == .optedOut || context.user.isOptedOut
            try #require(wasOptedOut && transition.effects.isEmpty && transition.state == .optedOut, place())
            return
        }
        try #require(Wording.problems(reply.text).isEmpty, place())
    }
}
