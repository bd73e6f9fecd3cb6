import Common

/// Rows of `inbound_messages` as steps: each with the state that it found and the one that it led to.
enum InboundSteps {
    /// What can be said of a message without its words.
    struct Content: Hashable, Sendable {
        var description: String
        /// The words; nil when there are none, or none that were kept.
        var words: String?

        /// Reads a form of Twilio's, or the JSON of an event.
        init(_ body: [UInt8], kind: Envelope.Kind?) {
            switch kind {
            case .event:
                let type = JSONValue(parsing: body)?["type"]?.string
                description = type.map { Output.printable(String($0.prefix(64))) } ?? "an event of no known type"
                words = nil
            case .message, .status, nil:
                guard let form = FormParameters(parsing: body), let message = try? InboundMessage(form) else {
                    (description, words) = ("a message that cannot be read", nil)
                    return
                }
                let said = message.body.isEmpty ? message.button?.text ?? message.listTitle ?? "" : message.body
                var parts: [String] = []
                if message.button != nil { parts.append("button") }
                if message.listID != nil || message.listTitle != nil { parts.append("choice of a list") }
                if message.location != nil { parts.append("location") }
                if message.mediaCount > 0 {
                    let types = message.media.map { Output.printable(String($0.contentType.prefix(40))) }
                    parts.append(types.isEmpty ? "\(message.mediaCount) files" : types.joined(separator: ", "))
                }
                if form.isRedacted {
                    parts.append("words not kept, as they may hold a code")
                } else if !said.isEmpty {
                    parts.append("text of \(said.count) characters")
                }
                description = parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
                words = form.isRedacted || said.isEmpty ? nil : said
            }
        }
    }

    /// Takes the rows newest first, as they are read.
    ///
    /// `isWhole` says that there are no earlier ones: the first then found the start. `stateTTL` is how long a state is
    /// remembered.
    static func steps(
        _ rows: [PostgresRow], isWhole: Bool, stateTTL: Duration
    ) throws(PostgresError) -> [ConversationStep] {
        var steps: [ConversationStep] = []
        var last: (state: String?, at: Timestamp)?
        for row in rows.reversed() {
            let received: Timestamp = try row.column(4)
            let processed: Timestamp? = try row.column(5)
            let kind = Envelope.Kind(rawValue: try row.column(2))
            var raw: [UInt8]? = try row.column(3)
            if let cut = raw, cut.count < (try row.column(9, as: Int.self)) { raw = whole(cut) }
            let outcome = Outcome(try row.column(8))
            var step = ConversationStep(at: received, kind: kind == .event ? .told : .message, summary: "")
            step.messageSID = try row.column(0, as: String.self)
            step.correlationID = try row.column(7)
            step.conversationID = try row.column(10)
            step.place = try row.column(6)
            let content = raw.map { Content($0, kind: kind) }
            var parts = [content?.description ?? "erased"]
            step.body = content?.words
            if let processed {
                let before = last.map { processed - $0.at > stateTTL ? "start" : $0.state } ?? (isWhole ? "start" : nil)
                parts.append("\(before ?? "…") -> \(outcome.state ?? "erased")")
                parts.append(outcome.replies == 1 ? "1 reply" : "\(outcome.replies) replies")
                parts.append("done after \(elapsed(processed - received))")
                step.details = [
                    .init(name: "state_before", value: before ?? ""),
                    .init(name: "state_after", value: outcome.state ?? ""),
                ]
                last = (outcome.state, processed)
            } else {
                parts.append("NOT PROCESSED")
                step.isTrouble = true
            }
            step.summary = parts.joined(separator: "; ")
            steps.append(step)
        }
        return steps
    }

    /// Without the parameter that was cut off.
    private static func whole(_ cut: [UInt8]) -> [UInt8] {
        cut.lastIndex(of: UInt8(ascii: "&")).map { Array(cut[..<$0]) } ?? cut
    }

    /// What a message led to, as `outcome` has it.
    private struct Outcome {
        let state: String?
        let replies: Int

        init(_ json: String?) {
            let value = json.flatMap { JSONValue(parsing: Array($0.utf8)) }
            state = value?["state"]?["name"]?.string.map { Output.printable($0) }
            if case .array(let ids)? = value?["replies"] { replies = ids.count } else { replies = 0 }
        }
    }

    /// A short time: `45 ms`, `1.2 s`, and longer ones as ages.
    static func elapsed(_ time: Duration) -> String {
        let milliseconds = max(0, time.wholeMilliseconds)
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        if milliseconds < 60_000 { return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s" }
        return Output.age(time)
    }
}
