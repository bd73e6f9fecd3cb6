import ArgumentParser
import Common
import Glibc

/// How something that changes is told: once, or again and again, as text or as JSON lines.
struct WatchOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Say it again every so many seconds.", valueName: "seconds"))
    var watch: Int?

    @Flag(name: .long, help: "Print JSON, one line each time.")
    var json = false

    func validate() throws {
        if let watch, !(1...3600).contains(watch) {
            throw ValidationError("--watch takes a number of seconds from 1 to 3600, not \(watch).")
        }
    }

    /// Prints what `look` finds; with `--watch` until nobody reads it any more, which is how a watch in a pipe ends.
    func callAsFunction(_ look: () async throws -> (text: String, json: JSONValue)) async throws {
        while true {
            let found = try await look()
            let clears = watch != nil && !json && isatty(STDOUT_FILENO) == 1
            let text = json ? found.json.text : (clears ? "\u{1B}[H\u{1B}[2J" : "") + found.text
            guard Output.put(text + "\n", to: STDOUT_FILENO), let watch else { return }
            try await Task.sleep(for: .seconds(watch))
        }
    }
}
