import Common
import Conversation
import FoundationEssentials

/// Handles what is told to us about a person by something else than their own message.
struct EventHandler: Sendable {
    let turns: TurnHandler

    /// The events that are understood; `type` of the body, which is JSON.
    enum Event: Hashable, Sendable {
        /// Messages of this person were turned away at the door: they are told so, once a minute at most.
        case senderThrottled

        init(json: [UInt8]) throws(Unreadable) {
            guard let body = try? JSONDecoder().decode(Body.self, from: Data(json)) else { throw Unreadable() }
            switch body.type {
            case "sender.throttled": self = .senderThrottled
            default: throw Unreadable()
            }
        }

        private struct Body: Decodable { var type: String }
    }

    /// A body that is no event of ours: a release to come may know it, so it is kept for an operator.
    struct Unreadable: Error, CustomStringConvertible {
        var description: String { "an event of no type that this release knows" }
    }

    /// Throws `Unreadable` and `PostgresError`.
    func handle(_ envelope: Envelope, _ state: StoredState?, _ claim: QueueClaim) async throws -> TurnResult {
        let event = try Event(json: envelope.body)
        let who = Correspondent(sender: envelope.sender)
        return try await turns.handle(envelope, of: who, words: "", state, claim) { turn, from, now in
            Self.decide(event, envelope, turn.person, from, now: now).map { ($0, from) }
        }
    }

    /// What an event leads to: pure.
    ///
    /// Nothing is said to strangers, nor to those who want no messages.
    static func decide(
        _ event: Event, _ envelope: Envelope, _ person: Person, _ from: Conversation.State,
        now: Timestamp
    ) -> Decision? {
        guard !person.isNew, person.optedOutAt == nil else { return nil }
        var decision = Decision(state: StoredState(from), raw: envelope.body)
        switch event {
        case .senderThrottled: decision.reply(Texts.tooManyMessages(), to: envelope, at: now)
        }
        return decision
    }
}
