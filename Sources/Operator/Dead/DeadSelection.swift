import ArgumentParser
import Common

/// Which dead letters; conditions are combined, and without any all are meant.
struct DeadSelection: ParsableArguments {
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("The message's MessageSid, or malformed:…; may be repeated.", valueName: "sid"))
    var sid: [String] = []

    @Option(name: .long, help: ArgumentHelp("\(SenderArgument.help)", valueName: "sender"))
    var sender: SenderArgument?

    @Option(
        name: .long, help: ArgumentHelp("Why it was given up on: deliveries, malformed…", valueName: "reason"),
        completion: .list(["deliveries", "malformed", "unreadable"]))
    var reason: String?

    @Option(name: .long, help: ArgumentHelp("Given up on since then: \(Moment.help).", valueName: "time"))
    var since: Moment?

    @Option(name: .long, help: ArgumentHelp("Given up on before then.", valueName: "time"))
    var until: Moment?

    func validate() throws {
        guard sid.count <= 1000 else { throw ValidationError("--sid can be repeated 1000 times at most.") }
        if let since, let until, since.timestamp >= until.timestamp {
            throw ValidationError("--since must be before --until.")
        }
    }

    var isEmpty: Bool { sid.isEmpty && sender == nil && reason == nil && since == nil && until == nil }

    /// The condition for a query, once it is known under which addresses the sender writes.
    func filter(_ servers: ConnectedOperator, withClosed: Bool = false) async throws -> DeadLetterFilter {
        DeadLetterFilter(
            sids: sid, senders: try await servers.addresses(sender), reason: reason,
            since: since?.timestamp ?? .infinitelyEarly, until: until?.timestamp ?? .infinitelyLate,
            withClosed: withClosed)
    }
}
