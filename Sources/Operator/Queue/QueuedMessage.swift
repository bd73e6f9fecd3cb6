import Common

/// An envelope in one of the queue's lists, or a dead letter around one.
struct QueuedMessage: Sendable {
    let letter: DeadLetter
    let isDead: Bool

    init(envelope: [UInt8]) {
        letter = DeadLetter(
            reason: "", error: "", deliveries: 0, at: Timestamp(microseconds: 0), envelope: envelope)
        isDead = false
    }

    init(dead entry: [UInt8]) {
        letter = DeadLetter(entry: entry)
        isDead = true
    }

    private var body: String { String(decoding: letter.message?.body ?? letter.envelope, as: UTF8.self) }

    func json(_ options: OutputOptions, showBody: Bool, now: Timestamp) -> JSONValue {
        let message = letter.message
        var members: [JSONValue.Member] = [
            .init("message_sid", .string(letter.messageSID)), .init("sender", .string(options.shown(letter.sender))),
            .init("kind", .string(message?.kind.rawValue)),
            .init("received_at", .string(message?.receivedAt.rfc3339)),
            .init("age_seconds", .integer(message.map { Int((now - $0.receivedAt).components.seconds) })),
            .init("correlation_id", .string(message?.correlationID.text)),
            .init("trace_id", .string(message?.trace?.traceID.description)),
            .init("bytes", .integer(letter.envelope.count)),
        ]
        if isDead {
            members += [
                .init("reason", .string(letter.reason)), .init("error", .string(letter.error)),
                .init("deliveries", .integer(letter.deliveries)), .init("at", .string(letter.at.rfc3339)),
            ]
        }
        if showBody { members.append(.init("body", .string(body))) }
        return .object(members)
    }

    static func table(
        _ messages: [QueuedMessage], _ options: OutputOptions, showBody: Bool, now: Timestamp
    ) -> String {
        let isDead = messages.contains(where: \.isDead)
        let headings =
            ["MESSAGE", "SENDER", "KIND", "AGE", "BYTES", "CORRELATION ID"] + (isDead ? ["REASON", "DELIVERIES"] : [])
            + (showBody ? ["BODY"] : [])
        return Output.table(
            headings,
            messages.map { queued in
                let (letter, message) = (queued.letter, queued.letter.message)
                return [
                    Output.printable(letter.messageSID), options.shown(letter.sender), message?.kind.rawValue ?? "-",
                    message.map { Output.age(now - $0.receivedAt) } ?? "-", "\(letter.envelope.count)",
                    message?.correlationID.text ?? "-",
                ] + (isDead ? [Output.printable(letter.reason), "\(letter.deliveries)"] : [])
                    + (showBody ? [Output.printable(queued.body)] : [])
            })
    }
}
