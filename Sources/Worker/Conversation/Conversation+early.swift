/// What is said of a journey before somebody is registered: kept, and taken up once they are.
extension Conversation {
    /// The draft with what a message says of a journey, and what is said of it; nil when it says nothing of one.
    ///
    /// One-time codes and phone numbers are not looked at, and neither is what may be about them ("it never came").
    static func hear(_ draft: ClaimDraft?, _ turn: Turn) -> (draft: ClaimDraft, prefaces: [Reply.Preface])? {
        guard let claiming = turn.context.claiming, turn.command == nil, turn.settings == nil else { return nil }
        if let command = ClaimCommand(reading: turn.input.words) {
            return command == .claim ? (draft ?? ClaimDraft(), [.claimLater]) : nil
        }
        var draft = draft ?? ClaimDraft()
        var change = ClaimDraft.Change()
        let text = DigitChain.withoutNumbersAndCodes(turn.input.words)
        let reading = read(text, nil, claiming)
        if reportsJourney(reading, text, since: draft) { change = draft.take(reading, asked: nil, claiming) }
        let photo = turn.input.ticketPhoto(isAsked: false)
        if let photo { draft.photo = photo }
        guard !change.filled.isEmpty || change.isOpen || photo != nil else { return nil }
        var prefaces: [Reply.Preface] = [.kept(change.filled, draft)]
        if photo != nil { prefaces.append(.claim(.photoNoted)) }
        prefaces += change.refusals.prefix(2).map(Reply.Preface.claim)
        return (draft, prefaces)
    }

    /// Whether a message is about a journey at all: it says where, or what for, or speaks of a train.
    private static func reportsJourney(_ reading: SentenceReading, _ text: String, since draft: ClaimDraft) -> Bool {
        if [reading.journey.origin, reading.journey.destination].contains(where: isNamed) { return true }
        if reading.fare?.certainty == .certain { return true }
        // "Not today" is about no journey, unless there is one already.
        let isDetail =
            reading.date?.value != nil || reading.ticketClass?.value != nil || reading.ticketType?.value != nil
        if isDetail, !draft.isEmpty { return true }
        return Words(text).tokens.contains { journeyWords.contains($0.text) }
    }

    private static func isNamed(_ end: Journey.End?) -> Bool {
        guard let end, end.certainty > .guessed else { return false }
        return switch end.reading {
        case .value, .choice: true
        case .refused: false
        }
    }

    private static let journeyWords: Set<String> = [
        "train", "trains", "journey", "journeys", "trip", "travelled", "traveled", "travelling", "late", "delay",
        "delayed", "ticket", "tickets", "fare", "departure", "station",
    ]

    /// A message in a state of registration that is no answer to its question.
    ///
    /// - Returns: the same question again, or the end of it after CANCEL.
    static func aside(
        _ draft: ClaimDraft?, _ turn: Turn, _ question: Reply, because preface: Reply.Preface? = nil,
        _ state: (ClaimDraft?) -> State
    ) -> Transition {
        if let heard = hear(draft, turn) { return say(question, state(heard.draft)).prefaced(by: heard.prefaces) }
        switch ClaimCommand(reading: turn.input.words) {
        case .back: return say(.after(.nothingBefore, question), state(draft))
        case .cancel: return say(.leftUnregistered, .start).telling(of: draft)
        case .status, .withdraw:
            if let answer = claimsAsked(state(draft), turn) { return answer }
        case .claim, .skip, .skipAll, .edit, nil: break
        }
        return say(turn.lost(question, draft, because: preface), state(draft))
    }

    /// STATUS and WITHDRAW where something else is being asked; nil where no claims are taken.
    static func claimsAsked(_ state: State, _ turn: Turn) -> Transition? {
        guard let claiming = turn.context.claiming, let question = question(state, turn) else { return nil }
        let command = ClaimCommand(reading: turn.input.words)
        guard command == .status || command == .withdraw else { return nil }
        // Whoever has not proven the number is not told what its owner claims.
        guard turn.user.isVerified else { return say(.after(.claimsLater, question), state) }
        guard command == .withdraw else { return say(.after(.claimStatus(claiming.claims), question), state) }
        let (withdrawal, deeds) = withdrawal(turn.input.words, claiming)
        return Transition(
            state: state, effects: deeds + [.reply(.after(.claim(.withdrawal(withdrawal)), question))])
    }

    /// Registered at last: on with the claim that was begun before, or the menu.
    static func arrive(_ draft: ClaimDraft?, _ turn: Turn) -> Transition {
        guard let draft, turn.context.claiming != nil else { return say(turn.menu, .menu()) }
        return goOn(draft)
    }
}
