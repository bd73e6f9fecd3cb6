import ArgumentParser
import Common

struct QueuePeek: AsyncParsableCommand {
    /// One of the lists of a shard; see docs/architecture.md for what they are.
    enum List: String, CaseIterable, ExpressibleByArgument {
        case ingress = "in"
        case stage, dead, ready, delay, lease
    }

    static let configuration = CommandConfiguration(
        commandName: "peek",
        abstract: "Shows what stands at the head of a list. Changes nothing.",
        discussion: """
            LISTS
              in     accepted, not yet at their senders
              stage  handed to a worker that waited, not yet at their senders
              dead   given up on
              ready  senders with messages, whose turn comes
              delay  senders that wait: a retry, or an outage
              lease  senders that a worker has

            With --sender it shows the messages of one sender, the first of which is next or in work.

            EXAMPLES
              operator queue peek --list in --limit 5
              operator queue peek --sender +447700900123
              operator queue peek --list delay --json
            """)

    @Option(name: .long, help: "Which list: in, stage, dead, ready, delay or lease (default: in).")
    var list: List?

    @Option(name: .long, help: ArgumentHelp("\(SenderArgument.help)", valueName: "sender"))
    var sender: SenderArgument?

    @Option(name: .long, help: ArgumentHelp("Of one shard only (default: all).", valueName: "number"))
    var shard: Int?

    @Option(name: .long, help: ArgumentHelp("How many at most, up to 1000.", valueName: "number"))
    var limit = 20

    @Flag(name: .long, help: "Print bodies as well: what passengers wrote, which is personal.")
    var showBody = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1000).contains(limit) else {
            throw ValidationError("--limit takes a number from 1 to 1000, not \(limit).")
        }
        if sender != nil, list != nil || shard != nil {
            throw ValidationError("--sender has a list of its own: give it without --list and --shard.")
        }
    }

    func run() async throws {
        if showBody { Output.warnOfBodies() }
        try await ConnectedQueue.with { connected in
            let reader = QueueReader(connected)
            if let sender {
                let (turn, messages) = try await reader.messages(of: sender.text, limit: limit)
                return write(messages, turn.waiting, turn)
            }
            let shards = try connected.shards(shard)
            switch list ?? .ingress {
            case .ingress: try await write(reader.messages(.ingress, shards, limit))
            case .stage: try await write(reader.messages(.stage, shards, limit))
            case .dead: try await write(reader.messages(.dead, shards, limit))
            case .ready: try await write(reader.ready(shards, limit))
            case .delay: try await write(reader.timed("delay", shards, limit))
            case .lease: try await write(reader.timed("lease", shards, limit))
            }
        }
    }

    private func write(_ found: (entries: [QueuedMessage], length: Int)) { write(found.entries, found.length, nil) }

    private func write(_ messages: [QueuedMessage], _ length: Int, _ turn: QueuedSender?) {
        let now = Timestamp.now
        if output.json {
            var members: [JSONValue.Member] = [
                .init("messages", .array(messages.map { $0.json(output, showBody: showBody, now: now) })),
                .init("length", .integer(length)),
            ]
            if let turn { members.append(.init("turn", turn.json(output, now: now))) }
            Output.write(.object(members))
            return
        }
        if let turn { Output.write("\(output.shown(turn.sender)): \(turn.place(now: now))") }
        guard !messages.isEmpty else { return Output.complain("nothing there") }
        Output.write(QueuedMessage.table(messages, output, showBody: showBody, now: now))
        if length > messages.count { Output.complain("the first \(messages.count) of \(length)") }
    }

    private func write(_ found: (entries: [QueuedSender], length: Int)) {
        let now = Timestamp.now
        if output.json {
            Output.write([
                "senders": .array(found.entries.map { $0.json(output, now: now) }), "length": .integer(found.length),
            ])
            return
        }
        guard !found.entries.isEmpty else { return Output.complain("nothing there") }
        Output.write(QueuedSender.table(found.entries, output, now: now))
        if found.length > found.entries.count {
            Output.complain("the first \(found.entries.count) of \(found.length)")
        }
    }
}
