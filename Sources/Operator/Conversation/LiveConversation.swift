import Common
import Conversation

/// Where a conversation is at this moment, as Redis has it.
struct LiveConversation: Sendable {
    /// The state's name; nil when Redis has none, and the next message goes on from the latest outcome.
    let state: String?
    /// What the state carries along, such as the answers to a claim so far: personal.
    let fields: [ConversationStep.Detail]
    /// How long the state is still remembered.
    let expires: Duration?
    /// Whether, and until when, a worker has it or it pauses; how often the first message was handed out.
    let turn: QueuedSender
    /// Messages that wait in its list, the one in work included.
    let messages: [ConversationStep]
    /// The shard was stopped by an operator.
    let isPaused: Bool

    /// Nothing of it is in Redis.
    var isEmpty: Bool { state == nil && turn.waiting == 0 }

    /// How many waiting messages are told of.
    private static let limit = 20

    /// Of the addresses of a person one is in use: the one with something to tell comes first.
    init(of person: SoughtPerson, on queue: ConnectedQueue) async throws {
        var found = try await Self.read(person.address, on: queue)
        for other in person.addresses where other != person.address && found.isEmpty {
            let there = try await Self.read(other, on: queue)
            if !there.isEmpty { found = there }
        }
        self = found
    }

    private init(
        stored: [UInt8]?, expires: Int?, turn: QueuedSender, messages: [ConversationStep], isPaused: Bool
    ) {
        let value = stored.flatMap { JSONValue(parsing: $0) }
        state = stored == nil ? nil : value?["name"]?.string.map { Output.printable($0) } ?? "unreadable"
        if case .object(let members)? = value?["fields"] {
            fields = members.map {
                .init(
                    name: Output.printable($0.name), value: Output.printable($0.value.string ?? $0.value.text),
                    isPersonal: true)
            }
        } else {
            fields = []
        }
        self.expires = expires.flatMap { $0 > 0 ? .milliseconds($0) : nil }
        self.turn = turn
        self.messages = messages
        self.isPaused = isPaused
    }

    private static func read(_ address: String, on queue: ConnectedQueue) async throws -> LiveConversation {
        let key = RedisArgument(queue.keys.state(of: address))
        let shard = queue.keys.shard(of: address)
        let (turn, waiting) = try await QueueReader(queue).messages(of: address, limit: limit)
        let replies = try await queue.redis.send(
            [
                RedisCommand("GET", key), RedisCommand("PTTL", key),
                RedisCommand("HGET", .init(queue.keys.prefix(shard) + "ctr"), "paused"),
            ], within: nil)
        let stored: [UInt8]? = if case .bytes(let bytes) = replies[0] { bytes } else { nil }
        return LiveConversation(
            stored: stored, expires: replies[1].int, turn: turn,
            messages: waiting.enumerated().map { step($1, place: $0, turn) }, isPaused: replies[2].string == "1")
    }

    private static func step(_ queued: QueuedMessage, place: Int, _ turn: QueuedSender) -> ConversationStep {
        // Words that may hold a code are not shown to anybody.
        let letter = queued.letter.redacted { Conversation.codeCandidate(in: $0) != nil }
        let content = letter.message.map { InboundSteps.Content($0.body, kind: $0.kind) }
        let turns = place == 0 && turn.deliveries > 0 ? ", handed out \(turn.deliveries) times" : ""
        var step = ConversationStep(
            at: letter.message?.receivedAt ?? .now, kind: .waiting,
            summary:
                "\(content?.description ?? "what cannot be read"); \(place == 0 ? "next" : "\(place) before it")\(turns)"
        )
        step.isTrouble = place == 0 && turn.deliveries > 1
        step.messageSID = letter.messageSID
        step.correlationID = letter.message?.correlationID.text
        step.place = Int64(place)
        step.body = content?.words
        return step
    }
}
