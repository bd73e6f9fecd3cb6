import ArgumentParser
import Common

struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts stored messages that were never processed back on the queue.",
        discussion: """
            Those are rows of inbound_messages without processed_at, and dead letters that nobody has dealt with. Each \
            sender's are replayed in the order in which they were received, after what is on the queue already, and not \
            faster than workers take them. Safe to repeat: a message that has been processed is not processed again.

            With --force messages that were processed are replayed as well, as new runs of their own, \
            <MessageSid>:replay:<n>: the conversation hears them once more and answers once more.

            Words that may have been a one-time code were not stored; such messages are replayed without them.

            EXAMPLES
              operator replay --since 3h --dry-run
              operator replay --since 2026-11-22T08:00:00Z --until 2026-11-22T09:30:00Z --yes
              operator replay --since 1d --sender +447700900123 --force --yes
            """)

    @Option(name: .long, help: ArgumentHelp("Received since then: \(Moment.help).", valueName: "time"))
    var since: Moment

    @Option(name: .long, help: ArgumentHelp("Received before then (default: now).", valueName: "time"))
    var until: Moment?

    @Option(name: .long, help: ArgumentHelp("\(SenderArgument.help)", valueName: "sender"))
    var sender: SenderArgument?

    @Flag(name: .long, help: "Messages that were processed, too, as new runs.")
    var force = false

    @OptionGroup var confirmation: Confirmation
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard since.timestamp < until?.timestamp ?? .now else {
            throw ValidationError("--since must be before --until, and before now.")
        }
    }

    func run() async throws {
        try await ConnectedOperator.with { servers in
            try await servers.recordDeadLetters()
            let selection = ReplaySelection(
                since: since.timestamp, until: until?.timestamp ?? .now,
                senders: try await servers.addresses(sender), force: force)
            var tally = ReplayTally(dryRun: confirmation.dryRun)
            var bar = ProgressBar("replaying", total: await selection.count(on: servers.postgres))
            defer { bar.end() }
            var last: ReplayCandidate?
            while case let page = try await selection.page(after: last, on: servers.postgres), !page.isEmpty {
                if !confirmation.dryRun { try await replay(page, selection, servers) }
                tally.add(page)
                bar.show(tally.seen)
                last = page.last
            }
            bar.end()
            tally.write(output)
        }
    }

    /// Pushes first and notes it after: what lies between can only be done again, which changes nothing.
    private func replay(
        _ page: [ReplayCandidate], _ selection: ReplaySelection, _ servers: ConnectedOperator
    ) async throws {
        let originals = try await servers.envelopes(of: page.compactMap(\.letter))
        var batches = ReplayBatches(servers.queue)
        for candidate in page {
            guard let envelope = candidate.envelope else { continue }
            let original = candidate.letter.flatMap { originals[DeadLetterKey($0)] }
            try await batches.add(original ?? envelope, of: candidate.sender)
        }
        try await batches.flush()
        let dead = page.filter { $0.envelope != nil }.compactMap(\.letter)
        try await selection.markReplayed(dead, on: servers.postgres)
    }
}
