/// How far a search goes.
package struct Scope: Sendable {
    package var name: String
    package var rules = Rules()
    package var messages = 3
    package var workers = 2
    package var faults = 1
    /// The faults the adversary may choose from.
    package var kinds: Set<Action.Kind>
    /// Whether blocked workers are handed envelopes.
    package var waits = true
    /// One state in so many is drained to see that it can be; 1: all.
    package var drainedSample: UInt64 = 1
    /// Stop when so many states have been seen; the search then says that it is not complete.
    package var limit = Int.max

    package init(_ name: String, kinds: Set<Action.Kind>) {
        self.name = name
        self.kinds = kinds
    }

    /// What happens without an operator.
    package static let accidents: Set<Action.Kind> = [
        .pushAgain, .crash, .crashSending, .outlive, .fail, .outage, .silence, .release, .unanswered, .lose, .forget,
    ]
}
