import ArgumentParser
import Common

struct OutboxAcceptRestore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept-restore",
        abstract: "After the database was restored from a backup: lets the relays go on with the log as it is now.",
        discussion: """
            A stream that has events which the log does not have shows that the database went back in time. The relay \
            then publishes nothing (“the database was restored”), because new events get numbers that the stream has \
            seen already. First see to it that the restored database is the one you mean to go on with. This command \
            then gives the log a new identity (outbox_meta.log_id), for all sinks, and lets it begin where the restored \
            cursors are.

            What consumers see: events that were lost with the database stay in the stream, as things that this service \
            no longer knows; events after the restored cursors come again under the same ids, for as far as the \
            backup has them; then new ones, whose sequence numbers (“seq”) go on above all that the stream has had. \
            With --everything, all that the log still has is published again.

            Safe to repeat: without a stream that is ahead of the log nothing is done.

            EXAMPLES
              operator outbox accept-restore --dry-run
              operator outbox accept-restore --yes
              operator outbox verify
            """)

    @Flag(name: .long, help: "Publish everything again that the log still has, to all sinks.")
    var everything = false

    @Flag(name: .long, help: "Begin a new log even if no stream is ahead of this one.")
    var force = false

    @OptionGroup var confirmation: Confirmation

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() async throws {
        try await ConnectedOutbox.with { outbox in
            let restore = LogRestore(outbox: outbox, everything: everything)
            let finding = try await restore.look()
            guard !finding.ahead.isEmpty || force else {
                if json { return Output.write(report(finding, nil)) }
                return Output.write(
                    "The stream has nothing that the log does not have: no restore to accept (--force begins a new log all the same)."
                )
            }
            let new = confirmation.dryRun ? nil : try await restore.carryOut(finding)
            if json { return Output.write(report(finding, new)) }
            let shards = "\(finding.ahead.count) of \(OutboxShard.count) shards of the stream are ahead of the log"
            guard let new else {
                return Output.write(
                    "\(shards); would begin a new log in place of \(finding.logID) and publish \(finding.events) events again"
                )
            }
            Output.write(
                "\(shards); the log is \(new) now, \(finding.events) events are published again or for the first time")
        }
    }

    private func report(_ finding: LogRestore.Finding, _ new: UUID?) -> JSONValue {
        [
            "ahead_shards": .array(finding.ahead.map { .integer($0) }),
            "old_log_id": .string(finding.logID.description),
            "new_log_id": .string(new?.description), "events": .integer(finding.events),
            "dry_run": .bool(confirmation.dryRun),
        ]
    }
}
