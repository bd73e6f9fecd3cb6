import ArgumentParser
import Common

/// What every command takes that decides about parked events: which, whether really, and how it is told.
struct ParkedRun: ParsableArguments {
    @OptionGroup var selection: ParkedSelection
    @OptionGroup var confirmation: Confirmation

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    /// Counts the chosen events, lets `change` decide about them unless it is a dry run, and says what was done.
    func callAsFunction(
        _ verb: String, _ change: @Sendable (ParkedFilter, PostgresClient) async throws -> Int
    ) async throws {
        let filter = selection.filter
        try await ConnectedOutbox.withLog { postgres in
            try await postgres.require(sink: filter.sink)
            let count = try await ParkedCount(filter, on: postgres)
            if !confirmation.dryRun { _ = try await change(filter, postgres) }
            count.write(verb, confirmation, asJSON: json)
        }
    }
}
