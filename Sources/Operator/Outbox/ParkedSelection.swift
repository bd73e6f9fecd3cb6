import ArgumentParser
import Common

/// Which parked events of a sink; it must be said, if only by `--all`.
struct ParkedSelection: ParsableArguments {
    enum State: String, ExpressibleByArgument, CaseIterable {
        case parked, dead
    }

    @Option(name: .long, help: ArgumentHelp("Which sink.", valueName: "name"), completion: .sinks)
    var sink: String

    @Option(name: .long, help: ArgumentHelp("Of this ordering key: a user's id.", valueName: "key"))
    var key: String?

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp("With this event id; may be repeated.", valueName: "id"))
    var id: [UUID] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Only those in this state: parked (blocked ones too) or dead.", valueName: "state"))
    var state: State?

    @Flag(name: .long, help: "All of the sink, or all in that state.")
    var all = false

    func validate() throws {
        guard all || key != nil || !id.isEmpty else { throw ValidationError("Say which: --key, --id or --all.") }
        guard id.count <= 1000 else { throw ValidationError("--id can be repeated 1000 times at most.") }
    }

    /// The condition that the words make.
    var filter: ParkedFilter { ParkedFilter(sink: sink, key: key, ids: id, state: state) }
}

/// How many parked events a command means.
struct ParkedCount: Sendable {
    let parked: Int
    let dead: Int
    let keys: Int

    init(_ filter: ParkedFilter, on postgres: PostgresClient) async throws(PostgresError) {
        let sql: SQL = """
            SELECT count(*) FILTER (WHERE p.state <> 'dead'), count(*) FILTER (WHERE p.state = 'dead'),
                   count(DISTINCT p.ordering_key)
              FROM outbox_parked p WHERE \(sql: filter.condition)
            """
        let row = try await postgres.unit(sql.named("operator_parked_count"), within: .seconds(10)).rows[0]
        (parked, dead, keys) = (try row.column(0), try row.column(1), try row.column(2))
    }

    func write(_ verb: String, _ confirmation: Confirmation, asJSON json: Bool) {
        if json {
            return Output.write([
                verb: .integer(parked + dead), "parked": .integer(parked), "dead": .integer(dead),
                "keys": .integer(keys), "dry_run": .bool(confirmation.dryRun),
            ])
        }
        Output.write(
            "\(confirmation.dryRun ? "would have " : "")\(verb) \(parked + dead) events (\(parked) parked, \(dead) dead) of \(keys) keys"
        )
    }
}
