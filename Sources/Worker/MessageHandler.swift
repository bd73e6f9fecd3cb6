import Common
import Conversation

/// Handles what a passenger wrote: the conversation's machine decides.
struct MessageHandler: Sendable {
    let turns: TurnHandler
    let decisions: DecisionMaker

    /// Throws `WebhookError` for a body that is no message, and `PostgresError`.
    func handle(_ envelope: Envelope, _ state: StoredState?, _ claim: QueueClaim) async throws -> TurnResult {
        let message = try InboundMessage(FormParameters(webhook: envelope.body))
        let who = Correspondent(message, sender: envelope.sender)
        return try await turns.handle(envelope, of: who, words: message.words, state, claim) { turn, from, now in
            let (decision, transition) = decisions.decide(message, from: from, turn.person, envelope, now: now)
            return (decision, transition.state)
        }
    }
}
