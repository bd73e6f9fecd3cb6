import ArgumentParser
import Common

struct OutboxList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists events of the log, oldest first, and what each sink has done with them.",
        discussion: """
            Of each sink an event is “published”, “pending” (after the cursor), “parked” (refused, to be tried again), \
            “blocked” (behind a parked one of its key) or “dead” (given up on). Parked and dead events are listed even \
            when the log has dropped their day.

            EXAMPLES
              operator outbox list --since 10m
              operator outbox list --sink webhook --state dead
              operator outbox list --key 0199d2c4-8a51-7c3e-9f60-2b8f4a6d1e07 --type journey.created --json
            """)

    /// What a sink has done with an event, or groups of that.
    enum StateFilter: String, ExpressibleByArgument, CaseIterable {
        case pending, published, parked, dead
    }

    @OptionGroup var selection: OutboxSelection

    @Option(name: .long, help: ArgumentHelp("What this sink has done with them (default: each).", valueName: "name"))
    var sink: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only those that the sink, or any sink, has in this state: pending, published, parked (blocked ones too), dead.",
            valueName: "state"))
    var state: StateFilter?

    @Option(name: .long, help: ArgumentHelp("How many at most, up to 10000.", valueName: "number"))
    var limit = 50

    @Flag(name: .long, help: "Print payloads as well: they have phone numbers in them.")
    var showPayload = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...10_000).contains(limit) else {
            throw ValidationError("--limit takes a number from 1 to 10000, not \(limit).")
        }
    }

    func run() async throws {
        try await ConnectedOutbox.withLog { postgres in
            if let sink { try await postgres.require(sink: sink) }
            let query = OutboxQuery(selection: selection, sink: sink, state: state)
            // One more than is shown tells whether there are more.
            let found = try await query.events(limit: limit + 1, on: postgres)
            let events = Array(found.prefix(limit))
            if showPayload { Output.warnOfBodies() }
            if json {
                Output.write([
                    "events": .array(events.map { $0.json(showPayload: showPayload) }),
                    "more": .bool(found.count > limit),
                ])
                return
            }
            guard !events.isEmpty else { return Output.write("no events") }
            Output.write(OutboxRecord.table(events, showPayload: showPayload))
            if found.count > limit { Output.complain("the first \(limit); --limit shows more") }
        }
    }
}
