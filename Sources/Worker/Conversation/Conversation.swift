/// The pure core: what a conversation is, what can happen to it, and what should then be done.
///
/// Nothing here reads a clock, a random source, a database or a socket. The worker loads what `Context` asks for, calls
/// `reduce`, commits the effects together with the new state, and sends the reply.
package enum Conversation {
    /// What `reduce` decided: where the conversation now stands, and what is to be done, in this order.
    package struct Transition: Hashable, Sendable {
        package var state: State
        package var effects: [Effect]

        package init(state: State, effects: [Effect]) {
            self.state = state
            self.effects = effects
        }
    }
}
