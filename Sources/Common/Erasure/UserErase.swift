/// The event by which an operator has a person erased: it waits for the person's turn like anything else about them.
package enum UserErase {
    /// The `type` in its body.
    package static let type = "user.erase"
    /// What its name begins with, which no event of another service does.
    package static let sidPrefix = "erase:"

    /// An event for a user, or for whoever has `address`, when nobody is known by it.
    package static func envelope(
        of user: UUID?, address: String, receivedAt: Timestamp = .now, correlationID: CorrelationID = CorrelationID()
    ) -> Envelope {
        var members: [JSONValue.Member] = [.init("type", .string(type))]
        if let user { members.append(.init("user_id", .string(user.description))) }
        return Envelope(
            messageSID: sidPrefix + UUID.random().description, sender: user.map { "user:\($0)" } ?? address,
            receivedAt: receivedAt, correlationID: correlationID, kind: .event,
            body: Array(JSONValue.object(members).text.utf8))
    }
}
