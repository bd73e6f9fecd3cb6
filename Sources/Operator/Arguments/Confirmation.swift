import ArgumentParser

/// What a command that changes something must be told: `--yes`, or `--dry-run` to look first.
struct Confirmation: ParsableArguments {
    @Flag(name: .long, help: "Only say what would be done.")
    var dryRun = false

    @Flag(name: .long, help: "Really do it.")
    var yes = false

    func validate() throws {
        guard yes || dryRun else {
            throw ValidationError("Look with --dry-run what would be done, then add --yes.")
        }
    }
}
