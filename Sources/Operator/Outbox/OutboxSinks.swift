import ArgumentParser
import Common

struct OutboxForget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Forgets a sink that was taken out of RELAY_SINKS, so that it holds no partition any more.",
        discussion: """
            Its cursors go, and what was parked for it. A relay that is started with the sink again begins at the \
            oldest event that is kept. Refused while a relay serves the sink.

            EXAMPLES
              operator outbox forget --sink webhook --dry-run
              operator outbox forget --sink webhook --yes
            """)

    @OptionGroup var options: SinkOptions

    func run() async throws {
        let (sink, confirmation, json) = (options.sink, options.confirmation, options.json)
        try await ConnectedOutbox.withLog { postgres in
            try await postgres.require(sink: sink)
            let overview = try await OutboxOverview(of: sink, on: postgres)
            guard let found = overview.sinks.first else { return }
            guard found.relays.isEmpty else { throw Self.isServed(sink) }
            if !confirmation.dryRun {
                do throws(PostgresError) {
                    let sql: SQL = "SELECT outbox_forget_sink(\(sink))"
                    _ = try await postgres.unit(sql.named("operator_forget"), within: .seconds(30))
                } catch {
                    throw error.sqlState == "55006" ? Self.isServed(sink) : error
                }
            }
            let parked = found.waiting + found.dead + found.replays
            if json {
                return Output.write([
                    "forgotten": .string(sink), "pending": .integer(found.pending), "parked": .integer(parked),
                    "dry_run": .bool(confirmation.dryRun),
                ])
            }
            Output.write(
                "\(confirmation.dryRun ? "would forget" : "forgot") \(sink), with \(found.pending)\(found.isCapped ? " or more" : "") pending and \(parked) parked or dead events"
            )
        }
    }

    private static func isServed(_ sink: String) -> OutboxFailure {
        OutboxFailure("A relay serves \(sink): take it out of RELAY_SINKS of every relay first.")
    }
}

struct OutboxEnable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Lets a sink that was switched off have events again.",
        discussion: """
            A webhook that answers 410 Gone wants no events any more: the relay switches the sink off until someone \
            decides. It goes on where it stopped.

            EXAMPLES
              operator outbox enable --sink webhook --yes
            """)

    @OptionGroup var options: SinkOptions

    func run() async throws {
        let (sink, confirmation, json) = (options.sink, options.confirmation, options.json)
        try await ConnectedOutbox.withLog { postgres in
            try await postgres.require(sink: sink)
            let condition: SQL = "WHERE sink = \(sink) AND disabled_at IS NOT NULL"
            let sql: SQL =
                confirmation.dryRun
                ? "SELECT 1 FROM outbox_sinks \(sql: condition)"
                : "UPDATE outbox_sinks SET disabled_at = NULL, disabled_reason = NULL \(sql: condition)"
            let wasDisabled = try await postgres.unit(sql.named("operator_enable")).affected > 0
            if json {
                return Output.write([
                    "sink": .string(sink), "was_disabled": .bool(wasDisabled), "dry_run": .bool(confirmation.dryRun),
                ])
            }
            guard wasDisabled else { return Output.write("\(sink) is not switched off") }
            Output.write(
                confirmation.dryRun ? "would switch \(sink) on again" : "\(sink) is switched on again")
        }
    }
}
