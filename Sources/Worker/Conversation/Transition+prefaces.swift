extension Conversation.Transition {
    /// The same with a sentence before what is said.
    func prefaced(by preface: Conversation.Reply.Preface?) -> Self {
        guard let preface else { return self }
        var transition = self
        transition.effects = effects.map { effect in
            if case .reply(let reply) = effect { .reply(.after(preface, reply)) } else { effect }
        }
        return transition
    }

    /// The same with sentences before what is said, in this order.
    func prefaced(by prefaces: [Conversation.Reply.Preface]) -> Self {
        prefaces.reversed().reduce(self) { $0.prefaced(by: $1) }
    }

    /// The same with something to be done before the rest.
    func doing(_ effect: Conversation.Effect) -> Self {
        var transition = self
        transition.effects.insert(effect, at: 0)
        return transition
    }

    /// Says that answers are dropped, if there were any.
    func telling(of draft: Conversation.ClaimDraft?) -> Self {
        draft.map { !$0.isEmpty } == true ? prefaced(by: .claimDropped) : self
    }
}

extension Conversation.State {
    var isConfirmingErasure: Bool {
        if case .confirmingErasure = self { true } else { false }
    }
}
