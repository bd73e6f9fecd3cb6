import ArgumentParser
import Common

/// What every command takes that decides about parked events: which, whether really, and how it is told.
struct ParkedRun: ParsableArguments {
    @OptionGroup var selection: ParkedSelection
    @OptionGroup var confirmation: Confirmation

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    /// Counts the chosen events, runs `change` on them unless it is a dry run, and says what was done.
    ///
    /// `change` makes a statement of the condition on a row `p` of outbox_parked.
    func callAsFunction(_ name: String, _ verb: String, _ change: (SQL) -> SQL) async throws {
        try await ConnectedOutbox.withLog { postgres in
            try await postgres.require(sink: selection.sink)
            let count = try await ParkedCount(selection, on: postgres)
            if !confirmation.dryRun {
                _ = try await postgres.unit(change(selection.condition).named(name), within: .seconds(30))
            }
            count.write(verb, confirmation, asJSON: json)
        }
    }
}
