import Common
import Conversation

/// Handles what a passenger wrote: the conversation's machine decides.
struct MessageHandler: Sendable {
    let turns: TurnHandler
    let decisions: DecisionMaker
    let tickets: TicketFetcher
    /// Files are held in memory from their fetching to the commit: so many at once, of 16 MB each at most.
    let filePlaces: ConcurrencyBudget

    static let filesAtOnce = 4

    /// Throws `WebhookError` for a body that is no message, `TurnPause` and `PostgresError`.
    func handle(_ envelope: Envelope, _ state: SenderState, _ claim: QueueClaim) async throws -> TurnResult {
        let message = try InboundMessage(FormParameters(webhook: envelope.body))
        let who = Correspondent(message, sender: envelope.sender)
        var held = 0
        defer { filePlaces.giveBack(held) }
        return try await turns.handle(
            envelope, of: who, words: message.words,
            seeking: .reference(ClaimReference.find(in: message.words)), state, claim
        ) { turn, from, now in
            func decide(_ problem: Conversation.Media.Problem?) -> (Decision, Conversation.Transition) {
                decisions.decide(message, from: from, turn.person, envelope, now: now, problem: problem)
            }
            let (decision, transition) = decide(nil)
            guard let url = message.media.first?.url, transition.state.ticketURL == url, from.ticketURL != url
            else { return (decision, transition.state) }

            held = filePlaces.take(upTo: 1)
            guard held > 0 else { throw TurnPause(after: .milliseconds(Int64.random(in: 200...500))) }
            switch try await tickets.fetch(url) {
            case .file(let file):
                var kept = decision
                kept.commitsAlone = true
                kept.statements.append(file.keepStatement(url: url, user: turn.person.id, at: now))
                return (kept, transition.state)
            case .problem(let problem):
                // What was decided took the file for granted.
                let (decision, transition) = decide(problem)
                return (decision, transition.state)
            }
        }
    }
}

extension Conversation.State {
    /// Where the file of the ticket is that the claim being made has.
    var ticketURL: String? {
        draft?.photo?.url
    }
}
