import Common

/// Whose conversation it is that is sought, and when it was.
struct ConversationPlace: Sendable {
    let person: SoughtPerson
    /// When the sought message was; nil when it is a person that is sought.
    let moment: Timestamp?

    /// Finds it; throws `UnknownConversation`, and what `SoughtPerson.find` throws.
    static func find(_ query: ConversationQuery, on servers: ConnectedOperator) async throws -> ConversationPlace {
        switch query.entry {
        case .sender(let sender):
            return ConversationPlace(person: try await .find(sender, on: servers), moment: nil)
        case .message(let sid):
            return try await find(
                [inbound(sid), reply(sid), letter(sid)], "no message \(Output.printable(sid)) is known", on: servers)
        case .correlation(let id):
            let since = query.since ?? .now - ConversationQuery.correlationReach
            return try await find(
                [correlated(id, since: since, until: query.until ?? .infinitelyLate)],
                "no message has the correlation id \(Output.printable(id)) since \(since.rfc3339)", on: servers)
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
        return ConversationPlace(
            person: try await .find(address: sender, on: servers), moment: try row.column(1, as: Timestamp.self))
    }

    private static func inbound(_ sid: String) -> SQL {
        "SELECT sender, received_at FROM inbound_messages WHERE message_sid = \(sid)"
    }

    private static func reply(_ sid: String) -> SQL {
        "SELECT sender, created_at FROM outbound_messages WHERE provider_sid = \(sid)"
    }

    private static func letter(_ sid: String) -> SQL {
        "SELECT sender, at FROM dead_letters WHERE message_sid = \(sid) ORDER BY at DESC LIMIT 1"
    }

    /// The range of times is what an index leads to.
    static func correlated(_ id: String, since: Timestamp, until: Timestamp) -> SQL {
        """
        SELECT sender, received_at FROM inbound_messages
         WHERE received_at >= \(since) AND received_at < \(until) AND correlation_id = \(id)
         ORDER BY received_at DESC LIMIT 1
        """
    }
}

/// Nothing is known by what was given.
struct UnknownConversation: OperatorFailure, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
