import ArgumentParser
import Common

/// Which events of the log; conditions are combined.
struct OutboxSelection: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Appended since then: \(Moment.help).", valueName: "time"))
    var since: Moment?

    @Option(name: .long, help: ArgumentHelp("Appended before then.", valueName: "time"))
    var until: Moment?

    @Option(name: .long, help: ArgumentHelp("Of this ordering key: a user's id.", valueName: "key"))
    var key: String?

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "Of this type (\(OutboxEventType.allCases.map(\.rawValue).joined(separator: ", "))); may be repeated.",
            valueName: "type"))
    var type: [OutboxEventType] = []

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("With this event id; may be repeated.", valueName: "id"))
    var id: [UUID] = []

    func validate() throws {
        guard id.count <= 1000 else { throw ValidationError("--id can be repeated 1000 times at most.") }
        if let since, let until, since.timestamp >= until.timestamp {
            throw ValidationError("--since must be before --until.")
        }
    }

    var isEmpty: Bool { since == nil && until == nil && key == nil && type.isEmpty && id.isEmpty }

    /// The condition on a row `e` of outbox_events.
    var condition: SQL {
        """
        e.occurred_at >= \(since?.timestamp ?? .infinitelyEarly) AND e.occurred_at < \(until?.timestamp ?? .infinitelyLate)
        AND (\(key)::text IS NULL OR e.shard = \(key.map(OutboxShard.of) ?? -1)::smallint AND e.ordering_key = \(key))
        AND (cardinality(\(type.map(\.rawValue))::text[]) = 0 OR e.event_type = ANY (\(type.map(\.rawValue))::text[]))
        AND (cardinality(\(id)::uuid[]) = 0 OR e.id = ANY (\(id)::uuid[]))
        """
    }

    /// The same of a row `p` of outbox_parked, whose `event` is the row of outbox_events.
    var parkedCondition: SQL {
        """
        (p.event->>'occurred_at')::timestamptz >= \(since?.timestamp ?? .infinitelyEarly)
        AND (p.event->>'occurred_at')::timestamptz < \(until?.timestamp ?? .infinitelyLate)
        AND (\(key)::text IS NULL OR p.ordering_key = \(key))
        AND (cardinality(\(type.map(\.rawValue))::text[]) = 0 OR p.event->>'event_type' = ANY (\(type.map(\.rawValue))::text[]))
        AND (cardinality(\(id)::uuid[]) = 0 OR (p.event->>'id')::uuid = ANY (\(id)::uuid[]))
        """
    }
}

extension OutboxEventType: ExpressibleByArgument {}

extension UUID: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
