import ArgumentParser
import Common

struct MigrateUp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Applies the migrations that are pending.",
        discussion: """
            Makes the schema (DATABASE_SCHEMA) if it is missing. Does nothing when all is applied: safe to repeat, \
            and to run in many places at once. A database that a later release has taken further stays as it is: \
            after a return to the release before there is nothing to do.

            EXAMPLES
              operator migrate up
              operator migrate up --dry-run --json
            """)

    @OptionGroup var options: MigrateOptions

    @Option(name: .long, help: ArgumentHelp("The last version to apply (default: all).", valueName: "version"))
    var to: Int?

    @Flag(name: .long, help: "Only say what would be applied.")
    var dryRun = false

    func run() async throws {
        try await options.withRunner { runner, schema in
            options.write("applied", try await runner.up(to: to, dryRun: dryRun), in: schema, dryRun: dryRun)
        }
    }
}
