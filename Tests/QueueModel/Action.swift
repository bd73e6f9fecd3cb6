/// One step of the world: somebody does one thing that nothing can interrupt.
package struct Action: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: UInt8, CaseIterable, Sendable {
        /// Ingest pushes the next message.
        case push
        /// A waiting worker is handed the next envelope.
        case wait
        /// A worker settles what it finished and claims one sender.
        case turn
        /// A worker reads what its message needs.
        case read
        /// A worker commits what the message led to, or takes up what an earlier owner committed.
        case commit
        /// A worker sends the reply, or finds that it was sent.
        case send
        /// A worker renews its lease.
        case heartbeat
        /// A lease runs out whose holder is gone.
        case lapse
        /// A pause is over.
        case due
        /// Redis' log is safe up to here.
        case save
        /// What the provider knows and `inbound_messages` does not is pushed.
        case backfill
        /// An operator has the invariants restored.
        case repair

        // What costs a fault.
        /// The provider delivers a message again.
        case pushAgain
        /// A worker ends.
        case crash
        /// A worker ends while a reply is on its way.
        case crashSending
        /// A lease runs out although its holder goes on: a zombie.
        case outlive
        /// The message itself fails.
        case fail
        /// Postgres is away: before the commit, or before its answer.
        case outage
        /// The provider does not answer.
        case silence
        /// A worker is told to stop and gives back what it holds.
        case release
        /// The answer to a turn is lost; the worker will settle again.
        case unanswered
        /// A turn is cut off in the middle by an error.
        case cut
        /// Redis loses what followed `save`.
        case lose
        /// Both windows of remembered SIDs pass.
        case forget
        /// A dead letter is pushed again by an operator.
        case replay
        /// A dead letter is taken off by an operator.
        case discard
        /// An operator stops the claiming.
        case pause
        /// An operator lets it go on.
        case resume

        package var isFault: Bool { rawValue >= Kind.pushAgain.rawValue && self != .resume }
    }

    package var kind: Kind
    /// The worker, the sender or the message, as the kind goes.
    package var subject: UInt8
    package var detail: UInt8

    package init(_ kind: Kind, _ subject: Int = 0, _ detail: Int = 0) {
        self.kind = kind
        self.subject = UInt8(subject)
        self.detail = UInt8(detail)
    }

    var code: Int { Int(kind.rawValue) << 16 | Int(subject) << 8 | Int(detail) }

    init?(code: Int) {
        guard let kind = Kind(rawValue: UInt8(code >> 16)) else { return nil }
        self.init(kind, code >> 8 & 0xFF, code & 0xFF)
    }

    package var description: String {
        switch kind {
        case .push, .wait, .save, .backfill, .repair, .lose, .forget, .pause, .resume: "\(kind)"
        case .pushAgain, .replay, .discard: "\(kind) message \(subject)"
        case .lapse, .due, .outlive: "\(kind) sender \(subject)"
        case .turn, .read, .commit, .send, .heartbeat, .crash, .fail, .release, .unanswered: "\(kind) worker \(subject)"
        case .cut: "cut worker \(subject) after \(detail) writes"
        case .crashSending, .silence:
            "\(kind) worker \(subject), the provider \(detail == 1 ? "has it" : "does not have it")"
        case .outage: "outage worker \(subject), \(detail == 1 ? "committed" : "nothing committed")"
        }
    }
}
