import Common

/// Whose conversation it is that is sought, and when it was.
struct ConversationPlace: Sendable {
    let person: SoughtPerson
    /// When the conversation of the sought message was, or that message; nil when it is a person that is sought.
    let moments: (first: Timestamp, last: Timestamp)?

    /// Finds it; throws `UnknownConversation`, and what `SoughtPerson.find` throws.
    static func find(_ query: ConversationQuery, on servers: ConnectedOperator) async throws -> ConversationPlace {
        switch query.entry {
        case .sender(let sender):
            return ConversationPlace(person: try await .find(sender, on: servers), moments: nil)
        case .message(let sid):
            return try await find(
                [inbound(sid), reply(sid), letter(sid)], "no message \(Output.printable(sid)) is known", on: servers)
        case .correlation(let id):
            return try await find(
                [correlated(id)], "no message has the correlation id \(Output.printable(id))", on: servers)
        }
    }

    private static func find(
        _ questions: [SQL], _ failure: String, on servers: ConnectedOperator
    ) async throws -> ConversationPlace {
        let results = try await servers.postgres.unit(
            questions.map { $0.named("operator_story_entry") }, within: .seconds(10))
        guard let row = results.lazy.compactMap(\.rows.first).first else { throw UnknownConversation(failure) }
        let sender: String = try row.column(0)
        guard !sender.isEmpty else {
            throw UnknownConversation("the person was erased: nothing is kept but that there was the message")
        }
        var moments: (Timestamp, Timestamp) = (try row.column(1), try row.column(1))
        if let conversation: UUID = try row.column(2) {
            let extent = extent(of: conversation, sender).named("operator_story_extent")
            let whole = try await servers.postgres.unit(extent, within: .seconds(10)).rows.first
            if let first: Timestamp = try whole?.column(0), let last: Timestamp = try whole?.column(1) {
                moments = (first, last)
            }
        }
        return ConversationPlace(person: try await .find(address: sender, on: servers), moments: moments)
    }

    private static func inbound(_ sid: String) -> SQL {
        "SELECT sender, received_at, conversation_id FROM inbound_messages WHERE message_sid = \(sid)"
    }

    private static func reply(_ sid: String) -> SQL {
        "SELECT sender, created_at, conversation_id FROM outbound_messages WHERE provider_sid = \(sid)"
    }

    private static func letter(_ sid: String) -> SQL {
        "SELECT sender, at, NULL::uuid FROM dead_letters WHERE message_sid = \(sid) ORDER BY at DESC LIMIT 1"
    }

    static func correlated(_ id: String) -> SQL {
        """
        SELECT sender, received_at, conversation_id FROM inbound_messages
         WHERE correlation_id = \(id) ORDER BY sequence DESC LIMIT 1
        """
    }

    /// Of a person's latest messages those of one conversation.
    static func extent(of conversation: UUID, _ sender: String) -> SQL {
        """
        SELECT min(received_at), max(received_at)
          FROM (SELECT received_at, conversation_id FROM inbound_messages
                 WHERE sender = \(sender) ORDER BY sequence DESC LIMIT 10000) i
         WHERE conversation_id = \(conversation)
        """
    }
}

/// Nothing is known by what was given.
struct UnknownConversation: OperatorFailure, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
