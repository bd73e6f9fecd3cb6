import ArgumentParser
import Common

/// What every command takes that closes dead letters: which, whether really, and how it is told.
struct DeadRun: ParsableArguments {
    @OptionGroup var choice: DeadChoice
    @OptionGroup var confirmation: Confirmation
    @OptionGroup var output: OutputOptions

    /// Gives the chosen letters to `close`, page after page, unless it is a dry run, and says what was done.
    ///
    /// Those with an obstacle in the sense of `passesOver` are counted and left alone. What is interrupted can be run
    /// again: letters that are closed by then are no longer chosen.
    func callAsFunction(
        _ title: String, _ verb: String, passesOver: (StoredDeadLetter) -> Bool = { _ in false },
        _ close: ([StoredDeadLetter], DeadLetters) async throws -> Void
    ) async throws {
        try await ConnectedOperator.with { servers in
            let letters = try await DeadLetters(servers, choice.selection)
            var tally = DeadTally(dryRun: confirmation.dryRun)
            var bar = ProgressBar(title, total: letters.count)
            defer { bar.end() }
            try await letters.forEachPage { page in
                let chosen = page.filter { !passesOver($0) }
                if !confirmation.dryRun { try await close(chosen, letters) }
                tally.add(chosen, passedOver: page.filter(passesOver))
                bar.show(tally.seen)
            }
            bar.end()
            tally.write(verb, output)
        }
    }
}
