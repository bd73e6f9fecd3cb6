/// What answers do to a claim that is being made, and what is asked next.
extension Conversation {
    /// Reads a message as answers: the one that was asked for, and any other.
    static func answer(
        _ state: ClaimState, _ draft: ClaimDraft, _ turn: Turn, _ claiming: Claiming
    ) -> Transition {
        let old = draft
        var draft = draft
        let photo = turn.input.ticketPhoto(isAsked: state.slot == .ticketPhoto)
        if let photo {
            draft.photo = photo
            draft.skipped.remove(.ticketPhoto)
        }
        // The code, sent once more, is no fare; six digits may be a date.
        let text = turn.isBareCode && state.slot != .date ? "" : turn.input.words
        let problems = turn.input.problem.map { [ClaimReply.Preface.photoRefused($0)] } ?? []
        if let slot = chosen(state, text, &draft) {
            var chosen = draft.settle(slot, before: old, claiming)
            chosen.refusals += problems
            return proceed(draft, chosen, hasPhoto: photo != nil)
        }
        var change = draft.take(read(text, state.slot, claiming), asked: state.slot, claiming)
        if change.filled.isEmpty, change.refusals.isEmpty, !change.isOpen, photo == nil {
            let told = state == .confirmingClaim ? nil : old
            return say(turn.lost(question(state, old), told), .claiming(state, old))
        }
        change.refusals += problems
        return proceed(draft, change, hasPhoto: photo != nil)
    }

    /// Reads the answer to "which of these?"; nil when it is none, so that the message may be something else.
    private static func chosen(_ state: ClaimState, _ text: String, _ draft: inout ClaimDraft)
        -> Slot?
    {
        switch state {
        case .collecting, .confirmingClaim: return nil
        case .choosingStation(let slot, let candidates):
            let stations = candidates.compactMap(StationIndex.shared.station(code:))
            guard case .value(let station) = StationReader().read(text, choosingFrom: stations),
                stations.contains(station)
            else { return nil }
            if slot == .origin { draft.origin = station.code } else { draft.destination = station.code }
            draft.close(slot)
            return slot
        case .choosingTime(let times):
            guard case .value(let time) = TimeReader().read(text, choosingFrom: times),
                times.contains(time)
            else {
                return nil
            }
            draft.departure = time
            draft.close(.departure)
            return .departure
        }
    }

    static func read(_ text: String, _ slot: Slot?, _ claiming: Claiming) -> SentenceReading {
        SentenceReader(today: claiming.now.date, windowDays: claiming.windowDays).read(
            text, expecting: slot)
    }

    // MARK: - The next question

    /// Says what was made of a message, and asks what is missing.
    static func proceed(_ draft: ClaimDraft, _ change: ClaimDraft.Change, hasPhoto: Bool)
        -> Transition
    {
        var prefaces = change.refusals
        let told = change.filled.filter { $0 != .ticketPhoto }
        if hasPhoto { prefaces.insert(.photoNoted, at: 0) }
        if !told.isEmpty, draft.nextState != .confirmingClaim {
            prefaces.insert(.noted(told, draft), at: 0)
        }
        var transition = next(draft, nil)
        for preface in prefaces.prefix(4).reversed() {
            transition = transition.prefaced(by: .claim(preface))
        }
        return transition
    }

    /// Asks the first question without an answer, or shows everything.
    static func next(_ draft: ClaimDraft, _ preface: Reply.Preface?) -> Transition {
        let state = draft.nextState
        let transition = say(question(state, draft), .claiming(state, draft))
        return preface.map(transition.prefaced(by:)) ?? transition
    }

    /// On with a claim that was interrupted: what was said so far, and what is missing.
    static func goOn(_ draft: ClaimDraft) -> Transition {
        let isShown = draft.answered.isEmpty || draft.nextState == .confirmingClaim
        return next(draft, isShown ? nil : .claim(.soFar(draft)))
    }

    static func ask(_ draft: ClaimDraft, slot: Slot) -> Transition {
        var draft = draft
        draft.close(slot)
        return say(.claim(.question(slot)), .claiming(.collecting(slot), draft))
    }

    /// The question before this one; its answer stays until it is given anew.
    static func back(_ state: ClaimState, _ draft: ClaimDraft, again: () -> Transition)
        -> Transition
    {
        switch state {
        case .collecting(let slot):
            ClaimDraft.slot(before: slot).map { ask(draft, slot: $0) } ?? again()
        case .choosingStation(let slot, _): ask(draft, slot: slot)
        case .choosingTime: ask(draft, slot: .departure)
        case .confirmingClaim: ask(draft, slot: ClaimDraft.order.last ?? .date)
        }
    }

    static func question(_ state: ClaimState, _ draft: ClaimDraft) -> Reply {
        switch state {
        case .collecting(let slot): .claim(.question(slot))
        case .choosingStation(let slot, let candidates):
            .claim(.stationChoice(slot, candidates.compactMap(StationIndex.shared.station(code:))))
        case .choosingTime(let times): .claim(.timeChoice(times))
        case .confirmingClaim: .claim(.summary(draft))
        }
    }
}
