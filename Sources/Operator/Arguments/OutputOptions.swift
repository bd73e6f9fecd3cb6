import ArgumentParser
import Common

/// How results are printed; the same for all commands that show people's messages.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @Flag(name: .long, help: "Print phone numbers and user ids in full instead of masked.")
    var reveal = false

    /// A sender as it may be shown; delivery reports have no person as their sender.
    func shown(_ sender: String) -> String { Self.shown(sender, reveal: reveal) }

    /// A sender as it may be shown, in full only with `reveal`.
    static func shown(_ sender: String, reveal: Bool) -> String {
        if reveal || sender.hasPrefix("status:") { return Output.printable(sender) }
        return ChannelAddress(sender)?.description ?? (sender.isEmpty ? "-" : "…")
    }

    /// For what is shown masked whatever the command line says.
    static var masked: OutputOptions {
        var options = OutputOptions()
        (options.json, options.reveal) = (false, false)
        return options
    }
}
