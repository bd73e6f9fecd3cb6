import Common

/// A row of `outbound_messages` as a step.
enum ReplyStep {
    static func step(_ row: PostgresRow) throws(PostgresError) -> ConversationStep {
        let state: String = try row.column(5)
        let attempts: Int = try row.column(6)
        let attempted: Timestamp? = try row.column(7)
        let sid: String? = try row.column(8)
        let error: String? = try row.column(9)
        let created: Timestamp = try row.column(11)
        let updated: Timestamp = try row.column(12)
        let template: String? = try row.column(13)
        let duplicates: Int = try row.column(15)
        let what = try row.column(14, as: Bool.self) ? "code" : template != nil ? "template" : "reply"
        var parts = ["\(what) \(try row.column(1, as: Int.self)) by \(try row.column(2, as: String.self)): \(state)"]
        switch state {
        case "sending": parts[0] = parts[0] + (attempted == nil ? ", not attempted yet" : "")
        case "sent", "delivered", "read": parts.append("after \(InboundSteps.elapsed(updated - created))")
        case _: parts.append("since \(updated.rfc3339)")
        }
        if attempts > 1 { parts.append("\(attempts) attempts") }
        if let error { parts.append("error \(Output.printable(error))") }
        if duplicates > 0 { parts.append("\(duplicates) duplicates") }
        var step = ConversationStep(at: created, kind: .reply, summary: parts.joined(separator: ", "))
        step.isTrouble = ["failed", "undelivered", "unknown"].contains(state) || duplicates > 0
        step.messageSID = try row.column(0)
        step.correlationID = try row.column(10)
        step.conversationID = try row.column(16)
        step.place = try row.column(1)
        if let sid { step.details.append(.init(name: "provider_sid", value: sid)) }
        if let template { step.details.append(.init(name: "template", value: template)) }
        step.details.append(.init(name: "state", value: state))
        if let error { step.details.append(.init(name: "error_code", value: error)) }
        step.details.append(.init(name: "recipient", value: try row.column(3), isPersonal: true))
        let body: String = try row.column(4)
        step.body = body.isEmpty ? nil : body
        return step
    }
}

/// A row of `otp_challenges` as what was done: the code itself is nowhere.
enum CodeSteps {
    static func steps(_ row: PostgresRow) throws(PostgresError) -> [ConversationStep] {
        let channel: String = try row.column(0)
        let number: String = try row.column(1)
        let expires: Timestamp = try row.column(2)
        let wrong: Int = try row.column(3)
        let consumed: Timestamp? = try row.column(4)
        let created: Timestamp = try row.column(5)
        var parts = ["code made, by \(channel)"]
        if wrong > 0 { parts.append(wrong == 1 ? "1 wrong try" : "\(wrong) wrong tries") }
        if consumed == nil { parts.append(expires < .now ? "expired unused" : "good until \(expires.rfc3339)") }
        var made = ConversationStep(at: created, kind: .code, summary: parts.joined(separator: ", "))
        made.details = [
            .init(name: "action", value: "issued"), .init(name: "wrong_tries", value: "\(wrong)"),
            .init(name: "number", value: number, isPersonal: true),
        ]
        guard let consumed else { return [made] }
        var accepted = ConversationStep(at: consumed, kind: .code, summary: "the code came back: number verified")
        accepted.details = [.init(name: "action", value: "verified")]
        accepted.place = 1
        return [made, accepted]
    }
}

/// A row of `claims` as what became of it.
enum ClaimSteps {
    static func steps(_ row: PostgresRow) throws(PostgresError) -> [ConversationStep] {
        let reference: String = try row.column(0)
        let (origin, destination): (String, String) = (try row.column(1), try row.column(2))
        let departure: Timestamp = try row.column(3)
        let status: String = try row.column(4)
        let pence: Int? = try row.column(5)
        let name = "claim \(Output.printable(reference))"
        let identity: [ConversationStep.Detail] = [
            .init(name: "reference", value: reference),
            .init(name: "journey", value: "\(origin) to \(destination), \(departure.rfc3339)", isPersonal: true),
        ]
        var made = ConversationStep(at: try row.column(6), kind: .claim, summary: "\(name) made; it is \(status) now")
        made.details = identity + [.init(name: "status", value: status)]
        var steps = [made]
        if let evaluated: Timestamp = try row.column(8) {
            let delay: Int? = try row.column(9)
            var parts = ["\(name) evaluated"]
            if let delay { parts.append("\(delay) minutes late") }
            if let pence { parts.append("\(pence) pence") }
            var step = ConversationStep(at: evaluated, kind: .claim, summary: parts.joined(separator: ", "))
            step.details = identity
            if let reason: String = try row.column(10) {
                step.details.append(.init(name: "reason", value: reason, isPersonal: true))
            }
            steps.append(step)
        }
        if status == "withdrawn" {
            steps.append(ConversationStep(at: try row.column(7), kind: .claim, summary: "\(name) taken back"))
        }
        return steps
    }
}

/// A row of `outbox_events` as a step, with how far it got.
enum EventStep {
    static func step(_ row: PostgresRow) throws(PostgresError) -> ConversationStep {
        let sinks: String? = try row.column(6)
        let type: String = try row.column(1)
        var step = ConversationStep(
            at: try row.column(2), kind: .event, summary: "\(type); \(sinks ?? "no relay has run yet")")
        step.isTrouble = ["parked", "blocked", "dead"].contains { sinks?.contains(" " + $0) ?? false }
        step.place = try row.column(0)
        step.correlationID = try row.column(3, as: String.self)
        step.messageSID = try row.column(4)
        let payload: String = try row.column(5)
        step.conversationID = JSONValue(parsing: Array(payload.utf8))?["conversation_id"]?.string
        step.details = [
            .init(name: "type", value: type), .init(name: "sequence", value: "\(step.place)"),
            .init(name: "payload", value: payload, isPersonal: true),
        ]
        return step
    }
}

/// A row of `dead_letters` as a step.
enum LetterStep {
    static func step(_ row: PostgresRow) throws(PostgresError) -> ConversationStep {
        let reason: String = try row.column(1)
        let error: String? = try row.column(2)
        let deliveries: Int = try row.column(3)
        let replayed: Timestamp? = try row.column(5)
        let discarded: Timestamp? = try row.column(6)
        var parts = ["given up on after \(deliveries) deliveries: \(Output.printable(reason))"]
        if let error, !error.isEmpty { parts.append(Output.printable(error)) }
        if let replayed { parts.append("replayed \(replayed.rfc3339)") }
        if let discarded { parts.append("discarded \(discarded.rfc3339)") }
        if try row.column(7) { parts.append("erased") }
        var step = ConversationStep(at: try row.column(4), kind: .dead, summary: parts.joined(separator: "; "))
        step.isTrouble = replayed == nil && discarded == nil
        step.messageSID = try row.column(0, as: String.self)
        return step
    }
}
