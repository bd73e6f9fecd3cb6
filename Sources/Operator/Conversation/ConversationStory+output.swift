import Common

extension ConversationStory {
    /// For people: where it is now, then a line a step, the words under it when they are asked for.
    func text(reveal: Bool, now: Timestamp = .now) -> String {
        var lines = [
            "\(OutputOptions.shown(address, reveal: reveal))"
                + (user.map { ", user \($0)" } ?? ", of whom there is no user"),
            standing?.text ?? "nothing is settled about them", live.text(reveal: reveal, now: now), "",
        ]
        guard !steps.isEmpty else { return (lines + ["no steps" + window]).joined(separator: "\n") }
        if isCut { lines.append("… earlier steps are left out: --limit or --since show them") }
        let rows = steps.map { step in
            [
                step.isSought ? ">" : step.isTrouble ? "!" : "", step.at.rfc3339, step.kind.rawValue, step.summary,
                Output.printable(step.messageSID ?? "-"), Output.printable(step.correlationID ?? "-"),
            ]
        }
        let table = Output.table(["", "TIME", "STEP", "WHAT", "MESSAGE", "CORRELATION ID"], rows)
            .split(separator: "\n", omittingEmptySubsequences: false)
        lines.append(String(table[0]))
        var conversation: String?
        for (step, row) in zip(steps, table.dropFirst()) {
            if let id = step.conversationID, id != conversation {
                lines.append("-- conversation \(Output.printable(id))")
                conversation = id
            }
            lines.append(String(row))
            if reveal { lines += Self.personal(step) }
        }
        let trouble = troubles == 0 ? "" : ", \(troubles) to look at (!)"
        lines.append("\(steps.count) steps\(window)\(trouble)")
        return lines.joined(separator: "\n")
    }

    private var window: String {
        (since.map { " since \($0.rfc3339)" } ?? "") + (until.map { " until \($0.rfc3339)" } ?? "")
    }

    private static func personal(_ step: ConversationStep) -> [String] {
        let details = step.details.filter(\.isPersonal).map { "    \($0.name): \(Output.printable($0.value))" }
        let words = (step.body ?? "").split(separator: "\n", omittingEmptySubsequences: false)
        return details + (step.body == nil ? [] : words.map { "    | " + Output.printable(String($0)) })
    }

    func json(reveal: Bool, now: Timestamp = .now) -> JSONValue {
        [
            "sender": .string(OutputOptions.shown(address, reveal: reveal)),
            "user_id": .string(user?.description), "standing": standing?.json ?? .null,
            "now": live.json(reveal: reveal, now: now), "since": .string(since?.rfc3339),
            "until": .string(until?.rfc3339), "steps": .array(steps.map { $0.json(reveal: reveal) }),
            "cut": .bool(isCut), "to_look_at": .integer(troubles),
        ]
    }
}

extension ConversationStep {
    func json(reveal: Bool) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("at", .string(at.rfc3339)), .init("kind", .string(kind.rawValue)), .init("summary", .string(summary)),
            .init("message_sid", .string(messageSID)), .init("correlation_id", .string(correlationID)),
            .init("conversation_id", .string(conversationID)), .init("to_look_at", .bool(isTrouble)),
            .init("sought", .bool(isSought)),
            .init(
                "details",
                .object(details.filter { reveal || !$0.isPersonal }.map { .init($0.name, .string($0.value)) })),
        ]
        if reveal { members.append(.init("body", .string(body))) }
        return .object(members)
    }
}

extension LiveConversation {
    func text(reveal: Bool, now: Timestamp) -> String {
        var parts = [state.map { "now in \($0)" } ?? "Redis remembers no state"]
        if let expires { parts.append("remembered for another \(Output.age(expires))") }
        parts.append(turn.place(now: now))
        if isPaused { parts.append("the queue is PAUSED") }
        let answers = reveal ? fields.map { "\n    \($0.name): \($0.value)" }.joined() : ""
        return parts.joined(separator: "; ") + answers
    }

    func json(reveal: Bool, now: Timestamp) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("state", .string(state)), .init("expires_in_seconds", .integer(expires.map { Int($0.inSeconds) })),
            .init("paused", .bool(isPaused)),
        ]
        if case .object(let place) = turn.json(OutputOptions.masked, now: now) {
            members += place.filter { $0.name != "sender" }
        }
        if reveal { members.append(.init("fields", .object(fields.map { .init($0.name, .string($0.value)) }))) }
        return .object(members)
    }
}
