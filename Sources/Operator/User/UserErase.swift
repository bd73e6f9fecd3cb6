import ArgumentParser
import Common

struct UserErase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Deletes everything that is held about a person, for good.",
        discussion: """
            As DELETE MY DATA does in the chat, but without a farewell. It takes the person's turn in the queue, behind \
            what they have written already: a worker does it, and the command waits until it has. MessageSids stay, so \
            that no message is handled again; other services are told by user.deleted. What Twilio keeps is deleted there.

            EXAMPLES
              operator user erase +447700900123 --dry-run
              operator user erase "07700 900123" --yes
              operator user erase GB.13491208655302741918 --yes --json
            """)

    @Argument(help: ArgumentHelp("\(SenderArgument.help)", valueName: "number"))
    var person: SenderArgument

    @Option(name: .long, help: ArgumentHelp("How long to wait for a worker to do it.", valueName: "seconds"))
    var wait = 60

    @OptionGroup var confirmation: Confirmation
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...3600).contains(wait) else {
            throw ValidationError("--wait takes a number of seconds from 1 to 3600, not \(wait).")
        }
    }

    func run() async throws {
        try await ConnectedOperator.with { servers in
            try await servers.recordDeadLetters()
            let found = try await SoughtPerson.find(person, on: servers)
            let held = try await held(found, servers)
            guard found.user != nil || held.contains(where: { $0.rows > 0 }) else {
                throw UnknownPerson(shown: output.shown(person.text))
            }
            if confirmation.dryRun { return write(found, held, nil) }
            let envelope = Common.UserErase.envelope(of: found.user, address: found.address)
            try await QueueProducer(redis: servers.queue.redis, keys: servers.queue.keys).push(envelope)
            let done = try await finished(envelope.messageSID, servers)
            guard let done else {
                Output.complain(
                    """
                    no worker has done it within \(wait) s. It is in the queue and will be done: check that a worker \
                    runs, that the queue is not paused (operator queue stats), and ask again with --dry-run
                    """)
                throw ExitCode.failure
            }
            write(found, done.counts, done)
        }
    }

    /// How many rows of a table, or entries of Redis, are theirs.
    struct Held: Hashable, Sendable {
        var name: String
        var rows: Int
    }

    /// What came of it.
    struct Done: Sendable {
        var user: String
        var counts: [Held]
        /// Whether the event stream is clean too.
        var isFinished: Bool
    }

    private func held(_ found: SoughtPerson, _ servers: ConnectedOperator) async throws -> [Held] {
        let addresses: SQL = "(\(found.addresses)::text[])"
        let question: SQL = "SELECT \(sql: Erasure.counts(found.user ?? .random(), addresses))::text"
        let row = try await servers.postgres.unit(question.named("operator_held"), within: .seconds(30)).rows.first
        let queued = try await found.queued(on: servers.queue)
        return Self.counts(try row?.column(0)) + [
            Held(name: "redis_state", rows: queued.state == nil ? 0 : 1),
            Held(name: "redis_messages", rows: queued.waiting.count),
        ]
    }

    private static func counts(_ json: String?) -> [Held] {
        let object = json.flatMap { JSONValue(parsing: Array($0.utf8)) }
        return PersonalTable.allCases.map { table in
            guard case .integer(let rows)? = object?[table.rawValue] else { return Held(name: table.rawValue, rows: 0) }
            return Held(name: table.rawValue, rows: rows)
        }
    }

    /// Waits until a worker has done what the event asks for; nil when it has not.
    private func finished(_ sid: String, _ servers: ConnectedOperator) async throws -> Done? {
        let question: SQL = """
            SELECT user_id::text, counts::text, finished_at IS NOT NULL FROM erasures
             WHERE message_sid = \(sid) AND cleaned_at IS NOT NULL
            """
        var bar = ProgressBar("erasing", total: 0)
        defer { bar.end() }
        let started = ContinuousClock.now
        while .now - started < .seconds(wait) {
            if let row = try await servers.postgres.unit(question.named("operator_erased")).rows.first {
                return Done(
                    user: try row.column(0), counts: Self.counts(try row.column(1)), isFinished: try row.column(2))
            }
            bar.show(Int((ContinuousClock.now - started).components.seconds))
            try await Task.sleep(for: .milliseconds(100))
        }
        return nil
    }

    private func write(_ found: SoughtPerson, _ counts: [Held], _ done: Done?) {
        if output.json {
            return Output.write([
                "address": .string(output.shown(found.address)), "user_id": .string(found.user?.description),
                "dry_run": .bool(done == nil), "erased": .bool(done != nil),
                "stream_clean": .bool(done?.isFinished ?? false),
                "rows": .object(counts.map { .init($0.name, .integer($0.rows)) }),
            ])
        }
        let what = done == nil ? "would erase" : "erased"
        Output.write("\(what) \(output.shown(found.address))")
        let rows = counts.filter { $0.rows > 0 }.map { [$0.name, "\($0.rows)"] }
        if !rows.isEmpty { Output.write(Output.columns(rows)) }
        if let done, !done.isFinished {
            Output.complain("the event stream is looked through when the relay has published what there is")
        }
    }
}
