import ArgumentParser
import Common

struct DeadList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists what was given up on and nobody has dealt with yet, oldest first.",
        discussion: """
            EXAMPLES
              operator dead list
              operator dead list --since 2h --reason deliveries
              operator dead list --sender +447700900123 --history --json
            """)

    @OptionGroup var selection: DeadSelection
    @OptionGroup var output: OutputOptions

    @Flag(name: .long, help: "Those replayed or discarded too.")
    var history = false

    @Option(name: .long, help: ArgumentHelp("How many at most, up to 10000.", valueName: "number"))
    var limit = 50

    func validate() throws {
        guard (1...10_000).contains(limit) else {
            throw ValidationError("--limit takes a number from 1 to 10000, not \(limit).")
        }
    }

    func run() async throws {
        try await ConnectedOperator.with { servers in
            let all = try await DeadLetters(servers, selection, withClosed: history)
            let letters = try await all.first(limit)
            if output.json {
                Output.write([
                    "dead_letters": .array(letters.map { $0.json(output) }), "total": .integer(all.count),
                ])
                return
            }
            guard !letters.isEmpty else { return Output.write("no dead letters") }
            Output.write(StoredDeadLetter.table(letters, output))
            if all.count > letters.count {
                Output.complain("the first \(letters.count) of \(all.count); --limit shows more")
            }
        }
    }
}
