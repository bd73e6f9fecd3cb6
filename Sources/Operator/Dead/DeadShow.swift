import ArgumentParser
import Common

struct DeadShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows all that is known of a message that was given up on.",
        discussion: """
            A message that was replayed and given up on again is shown once for each time.

            EXAMPLES
              operator dead show SM0123456789abcdef0123456789abcdef
              operator dead show --sid malformed:0123456789abcdef --show-body
            """)

    @Argument(help: ArgumentHelp("The message's MessageSid, or malformed:…; several may be given.", valueName: "sid"))
    var sids: [String] = []

    @Option(name: .long, parsing: .singleValue, help: ArgumentHelp("The same; may be repeated.", valueName: "sid"))
    var sid: [String] = []

    @Flag(name: .long, help: "Print the body as well: what a passenger wrote, which is personal.")
    var showBody = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1000).contains(sids.count + sid.count) else {
            throw ValidationError("Say which: one MessageSid, or up to 1000.")
        }
    }

    func run() async throws {
        var selection = DeadSelection()
        selection.sid = sids + sid
        (selection.sender, selection.reason, selection.since, selection.until) = (nil, nil, nil, nil)
        let wanted = selection
        let letters = try await ConnectedOperator.with { servers in
            try await DeadLetters(servers, wanted, withClosed: true).first(1000)
        }
        if showBody { Output.warnOfBodies() }
        if output.json {
            Output.write(["dead_letters": .array(letters.map { json($0) })])
        } else {
            Output.write(letters.map(text).joined(separator: "\n\n"))
        }
        guard !letters.isEmpty else {
            Output.complain("no dead letter has this MessageSid")
            throw ExitCode.failure
        }
    }

    private func body(_ letter: DeadLetter) -> String {
        String(decoding: letter.message?.body ?? letter.envelope, as: UTF8.self)
    }

    private func json(_ stored: StoredDeadLetter) -> JSONValue {
        guard showBody, case .object(let members) = stored.json(output) else { return stored.json(output) }
        return .object(members + [.init("body", .string(body(stored.letter)))])
    }

    private func text(_ stored: StoredDeadLetter) -> String {
        let letter = stored.letter
        let message = letter.message
        var rows = [
            ["message", Output.printable(letter.messageSID)], ["sender", output.shown(letter.sender)],
            ["kind", message?.kind.rawValue ?? "-"], ["reason", Output.printable(letter.reason)],
            ["error", Output.printable(letter.error)], ["deliveries", "\(letter.deliveries)"],
            ["received", message?.receivedAt.rfc3339 ?? "-"], ["given up on", letter.at.rfc3339],
            ["status", status(stored)], ["correlation id", message?.correlationID.text ?? "-"],
            ["bytes", "\(letter.envelope.count)" + (letter.isRedacted ? ", words redacted" : "")],
        ]
        if showBody { rows.append(["body", Output.printable(body(letter))]) }
        return Output.columns(rows)
    }

    private func status(_ stored: StoredDeadLetter) -> String {
        switch stored.status {
        case .open: stored.obstacle.map { "open, cannot be replayed: \($0)" } ?? "open"
        case .replayed: "replayed \(stored.replayedAt?.rfc3339 ?? "")"
        case .discarded: "discarded \(stored.discardedAt?.rfc3339 ?? "")"
        }
    }
}
