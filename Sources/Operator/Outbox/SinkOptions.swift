import ArgumentParser

/// What every command takes that decides about a sink as a whole.
struct SinkOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Which sink.", valueName: "name"), completion: .sinks)
    var sink: String

    @OptionGroup var confirmation: Confirmation

    @Flag(name: .long, help: "Print JSON.")
    var json = false
}
