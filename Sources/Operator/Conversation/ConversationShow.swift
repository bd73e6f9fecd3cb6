import ArgumentParser
import Common

struct ConversationShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Tells a conversation in the order of time, and where it is now. Changes nothing.",
        discussion: """
            STEPS
              in       a message of the person's: what kind, the state it found -> the state it led to
              told     something else told us of them: an evaluation, an erasure
              code     a one-time code was made, or came back; never the code
              claim    a claim was made, evaluated or taken back
              out      what was sent, how far it got, and Twilio's error code (docs/runbook.md says what to do)
              event    what other services are told, and which sinks have it
              dead     a message was given up on (operator dead list)
              waiting  a message in the queue

            A step with ! is one to look at: not processed, failed, given up on, parked. Steps that belong together have \
            one correlation id, which log lines have too.

            Found by the person, by a message or by a correlation id. The last two tell the whole conversation that \
            they belong to, and what happened within an hour of it; the steps sought are marked >. A MessageSid may be \
            one of ours, as Twilio's console shows it.

            Numbers are masked and what anybody wrote is left out: states, times and codes of errors mostly tell what \
            went wrong. --reveal prints numbers, words, journeys and the answers given so far, which is personal: use it \
            when the person asked for help, and copy it nowhere. One-time codes are in neither.

            EXAMPLES
              operator conversation show +447700900123
              operator conversation show 07700900123 --since 2h --reveal
              operator conversation show SM0123456789abcdef0123456789abcdef
              operator conversation show --correlation-id 0f8fad5b-d9cb-469f-a165-70867728950e --json

            SEE ALSO
              operator queue peek --sender, operator dead show, operator user export
            """)

    @Argument(
        help: ArgumentHelp("\(SenderArgument.help); or a MessageSid (SM…, MM…)", valueName: "number"))
    var who: String?

    @Option(name: .long, help: ArgumentHelp("The conversation of this message, in or out.", valueName: "sid"))
    var sid: String?

    @Option(name: .long, help: ArgumentHelp("The conversation that this id of a log line belongs to.", valueName: "id"))
    var correlationID: String?

    @Option(name: .long, help: ArgumentHelp("Steps since then: \(Moment.help).", valueName: "time"))
    var since: Moment?

    @Option(name: .long, help: ArgumentHelp("Steps before then.", valueName: "time"))
    var until: Moment?

    @Option(name: .long, help: ArgumentHelp("How many steps at most, the newest, up to 1000.", valueName: "number"))
    var limit = 50

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @Flag(name: .long, help: "Print numbers in full, and what was said: personal data.")
    var reveal = false

    func validate() throws {
        _ = try entry()
        guard ConversationQuery.limits.contains(limit) else {
            throw ValidationError("--limit takes a number from 1 to 1000, not \(limit).")
        }
        if let since, let until, since.timestamp >= until.timestamp {
            throw ValidationError("--since must be before --until.")
        }
    }

    private func entry() throws -> ConversationQuery.Entry {
        switch (who, sid, correlationID) {
        case (let who?, nil, nil):
            if MessageSID(who) != nil { return .message(who) }
            guard let sender = SenderArgument(argument: who) else {
                throw ValidationError("Give \(SenderArgument.help), or a MessageSid.")
            }
            return .sender(sender)
        case (nil, let sid?, nil): return .message(sid)
        case (nil, nil, let id?): return .correlation(id)
        case _:
            throw ValidationError("Say whose, one way: a number, a MessageSid (--sid) or a --correlation-id.")
        }
    }

    func run() async throws {
        let entry = try entry()
        let story = try await ConnectedOperator.with(reading: { ConsumerConfiguration(reading: &$0).stateTTL }) {
            servers, stateTTL in
            try await ConversationStory.read(
                ConversationQuery(
                    entry: entry, since: since?.timestamp, until: until?.timestamp, limit: limit, stateTTL: stateTTL),
                on: servers)
        }
        if reveal { Output.warnOfBodies() }
        if json { Output.write(story.json(reveal: reveal)) } else { Output.write(story.text(reveal: reveal)) }
    }
}
