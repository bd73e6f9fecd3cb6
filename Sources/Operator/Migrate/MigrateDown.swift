import ArgumentParser
import Common

struct MigrateDown: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Reverts migrations, newest first. What their tables hold is lost.",
        discussion: """
            Reverts one migration unless --steps or --to says how many. After the last one nothing is left, the \
            schema included if migrate up has made it and nobody else uses it.

            EXAMPLES
              operator migrate down --dry-run
              operator migrate down --yes
              operator migrate down --to 0 --yes
            """)

    @OptionGroup var options: MigrateOptions

    @Option(name: .long, help: ArgumentHelp("How many to revert (default: 1).", valueName: "number"))
    var steps: Int?

    @Option(name: .long, help: ArgumentHelp("Revert all above this version; 0 for all.", valueName: "version"))
    var to: Int?

    @Flag(name: .long, help: "Only say what would be reverted.")
    var dryRun = false

    @Flag(name: .long, help: "Really do it.")
    var yes = false

    func validate() throws {
        if steps != nil, to != nil { throw ValidationError("Give either --steps or --to, not both.") }
        if let steps, steps < 1 { throw ValidationError("--steps takes a number from 1, not \(steps).") }
        if let to, to < 0 { throw ValidationError("--to takes a version, or 0 for all, not \(to).") }
        if !yes, !dryRun {
            throw ValidationError("This loses data. Look with --dry-run what it would revert, then add --yes.")
        }
    }

    func run() async throws {
        let extent = to.map { MigrationRunner.Extent.downTo($0) } ?? .steps(steps ?? 1)
        try await options.withRunner { runner, schema in
            options.write("reverted", try await runner.down(extent, dryRun: dryRun), in: schema, dryRun: dryRun)
        }
    }
}
