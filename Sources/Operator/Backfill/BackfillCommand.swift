import ArgumentParser
import Backfill
import Common

struct BackfillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfill",
        abstract: "Finds messages in Twilio's list that never arrived, and puts them into the queue.",
        discussion: """
            Workers do this by themselves, from their watermark on. This is for what lies before it: after Redis or the \
            database was restored, or messages from before the first start. A message counts as missing when neither \
            inbound_messages nor dead_letters has it. One that waits in the queue is handled once all the same.

            Needs the TWILIO_ variables, REDIS_URL and DATABASE_URL. Moves no watermark; safe to repeat. Numbers are \
            masked and texts never shown.

            EXAMPLES
              operator backfill --since 2h --dry-run
              operator backfill --since 2026-11-22T19:00:00Z --until 2026-11-22T20:00:00Z
              operator backfill --since 3d --sender +447700900123 --json
            """)

    @Option(name: .long, help: ArgumentHelp("From when on: \(Moment.help).", valueName: "time"))
    var since: Moment

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Up to when (default: now, less BACKFILL_DELAY_SECONDS for webhooks on their way).", valueName: "time"))
    var until: Moment?

    @Option(name: .long, help: ArgumentHelp("Only this person's: \(SenderArgument.help).", valueName: "sender"))
    var sender: SenderArgument?

    @Option(name: .long, help: ArgumentHelp("Seconds to wait for a worker that reads the list.", valueName: "seconds"))
    var wait = 120

    @Flag(name: .long, help: "Only list what is missing.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard since.timestamp < .now else { throw ValidationError("--since lies in the future.") }
        if let until, until.timestamp <= since.timestamp { throw ValidationError("--until is not after --since.") }
        guard (0...86_400).contains(wait) else {
            throw ValidationError("--wait takes a number from 0 to 86400, not \(wait).")
        }
    }

    func run() async throws {
        try await ConnectedOperator.with(reading: Settings.init(reading:)) { connected, settings in
            guard .now - since.timestamp <= settings.kept else {
                throw ValidationError(
                    "--since reaches back further than RETENTION_DAYS: which of those messages were handled is no longer known."
                )
            }
            let run = BackfillRun(connected, settings, wait: .seconds(wait), isDry: dryRun)
            let senders = Set(try await connected.addresses(sender))
            let window = (since: since.timestamp, until: min(until?.timestamp ?? .now, .now - settings.delay))
            let summary = try await run.summary(window, senders)
            output.json ? writeJSON(summary, window) : writeText(summary, window)
        }
    }

    /// What this command reads beside queue and database.
    struct Settings: Sendable {
        let twilio: TwilioConfiguration
        let delay: Duration
        let kept: Duration

        init(reading values: inout ConfigurationValues) {
            twilio = TwilioConfiguration(reading: &values)
            delay = BackfillConfiguration(reading: &values).delay
            kept = RetentionConfiguration(reading: &values).period
        }
    }

    // MARK: Results

    private func writeText(_ summary: BackfillRound.Summary, _ window: (since: Timestamp, until: Timestamp)) {
        if !summary.missing.isEmpty {
            let rows = summary.missing.map { missing in
                [
                    missing.message.created.rfc3339, missing.message.sid.text, output.shown(missing.sender),
                    "\(missing.message.mediaCount)",
                ]
            }
            Output.write(Output.table(["RECEIVED", "MESSAGE", "SENDER", "MEDIA"], rows))
        }
        let span = "from \(window.since.rfc3339) to \(window.until.rfc3339)"
        let found = summary.found
        let verb = dryRun ? "\(found) missing, nothing pushed" : "\(summary.pushed) missing and pushed"
        Output.write("\(span): \(summary.listed) listed, \(verb)")
        if summary.missing.count < found { Output.complain("only the first \(summary.missing.count) are shown") }
        if summary.unreadable > 0 {
            Output.complain("\(summary.unreadable) messages of the list cannot be read and were left out")
        }
    }

    private func writeJSON(_ summary: BackfillRound.Summary, _ window: (since: Timestamp, until: Timestamp)) {
        let missing = summary.missing.map { missing -> JSONValue in
            [
                "message_sid": .string(missing.message.sid.text), "sender": .string(output.shown(missing.sender)),
                "received_at": .string(missing.message.created.rfc3339),
                "media": .integer(missing.message.mediaCount),
            ]
        }
        Output.write([
            "since": .string(window.since.rfc3339), "until": .string(window.until.rfc3339), "dry_run": .bool(dryRun),
            "listed": .integer(summary.listed), "found": .integer(summary.found),
            "pushed": .integer(summary.pushed), "unreadable": .integer(summary.unreadable),
            "missing": .array(missing),
        ])
    }
}

extension BackfillError: OperatorFailure {}
