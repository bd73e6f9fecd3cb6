import ArgumentParser

/// Which open dead letters a command closes: it must be said, if only by `--all`.
struct DeadChoice: ParsableArguments {
    @OptionGroup var selection: DeadSelection

    @Flag(name: .long, help: "All that nobody has dealt with yet.")
    var all = false

    func validate() throws {
        guard all || !selection.isEmpty else {
            throw ValidationError("Say which: --sid, --sender, --reason, --since, --until or --all.")
        }
    }
}
