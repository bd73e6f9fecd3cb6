extension Conversation {
    /// The menu of someone who can make claims; a message that reports a journey starts one at once.
    static func claimMenu(_ kept: ClaimDraft?, _ turn: Turn, _ claiming: Claiming) -> Transition {
        let (here, menu) = (State.menu(kept), menuReply(kept, turn))
        switch ClaimCommand(reading: turn.input.words) {
        case .claim: return goOn(kept ?? ClaimDraft())
        case .status: return say(.claim(.status(claiming.claims)), here)
        case .withdraw:
            let (withdrawal, deeds) = withdrawal(turn.input.words, claiming)
            return Transition(state: here, effects: deeds + [.reply(.claim(.withdrawal(withdrawal)))])
        case .back: return kept.map { goOn($0) } ?? say(menu, here)
        case .cancel: return say(kept == nil ? menu : .claim(.cancelled), .menu())
        case .edit(let slot?) where kept != nil: return ask(kept ?? ClaimDraft(), slot: slot)
        case .skip, .skipAll, .edit, nil: break
        }
        switch turn.command {
        case .help: return say(.claim(.help(nil)), here)
        case .terms: return say(.after(.termsLink(termsURL: turn.context.termsURL), menu), here)
        case .menu, .start, .greeting, .yes: return say(menu, here)
        case .no, .resend, .changeNumber, .restart, .logout, .stop, .deleteMyData, .reallyDelete, nil: break
        }
        var draft = kept ?? ClaimDraft()
        let photo = turn.input.ticketPhoto(isAsked: false)
        if let photo { draft.photo = photo }
        var change = draft.take(read(turn.input.words, nil, claiming), asked: nil, claiming)
        guard !change.filled.isEmpty || change.isOpen || photo != nil || !change.refusals.isEmpty
        else {
            return say(turn.lost(menu), here)
        }
        if let problem = turn.input.problem { change.refusals.append(.photoRefused(problem)) }
        return proceed(draft, change, hasPhoto: photo != nil)
    }

    /// The making of a claim.
    static func claim(_ state: ClaimState, _ draft: ClaimDraft, _ turn: Turn, _ claiming: Claiming)
        -> Transition
    {
        let question = question(state, draft)
        func again(_ preface: ClaimReply.Preface? = nil) -> Transition {
            say(preface.map { .after(.claim($0), question) } ?? question, .claiming(state, draft))
        }
        switch ClaimCommand(reading: turn.input.words) {
        case .cancel: return say(.claim(.cancelled), .menu())
        case .back: return back(state, draft, again: { again(.firstQuestion) })
        case .status:
            return say(.after(.claimStatus(claiming.claims), question), .claiming(state, draft))
        case .withdraw:
            let (withdrawal, deeds) = withdrawal(turn.input.words, claiming)
            let reply = Reply.after(.claim(.withdrawal(withdrawal)), question)
            return Transition(state: .claiming(state, draft), effects: deeds + [.reply(reply)])
        case .skip:
            guard let slot = state.slot else { return again() }
            // What is answered stays so, and SKIP only leaves the question.
            guard slot.isOptional else { return draft.has(slot) ? next(draft, nil) : again(.neededFirst) }
            var draft = draft
            draft.clear(slot)
            draft.skipped.insert(slot)
            return next(draft, .claim(.skipped))
        case .skipAll:
            var draft = draft
            draft.skipped.formUnion(Slot.allCases.filter { $0.isOptional && !draft.has($0) })
            return next(draft, draft.nextState == state ? nil : .claim(.skippedAll))
        case .edit(let slot?): return ask(draft, slot: slot)
        case .edit(nil): return say(.claim(.changeWhat), .claiming(state, draft))
        case .claim: return again()
        case nil: break
        }
        switch turn.command {
        case .help: return say(.claim(.help(state)), .claiming(state, draft))
        case .menu: return say(menuReply(draft, turn), .menu(draft))
        case .terms:
            return say(
                .after(.termsLink(termsURL: turn.context.termsURL), question), .claiming(state, draft))
        case .start, .greeting: return again()
        case .yes where state == .confirmingClaim:
            guard let claim = Claim(draft, reference: claiming.reference) else { return next(draft, nil) }
            return Transition(
                state: .menu(),
                effects: [.submitClaim(claim), .reply(.claim(.submitted(reference: claim.reference)))])
        case .no where state == .confirmingClaim:
            return say(.claim(.changeWhat), .claiming(state, draft))
        case .yes, .no, .resend, .changeNumber, .restart, .logout, .stop, .deleteMyData, .reallyDelete, nil: break
        }
        return answer(state, draft, turn, claiming)
    }

    /// Reads a message as answers: the one that was asked for, and any other.
    private static func answer(
        _ state: ClaimState, _ draft: ClaimDraft, _ turn: Turn, _ claiming: Claiming
    ) -> Transition {
        let old = draft
        var draft = draft
        let photo = turn.input.ticketPhoto(isAsked: state.slot == .ticketPhoto)
        if let photo {
            draft.photo = photo
            draft.skipped.remove(.ticketPhoto)
        }
        let text = turn.input.words
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
    private static func proceed(_ draft: ClaimDraft, _ change: ClaimDraft.Change, hasPhoto: Bool)
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
    private static func next(_ draft: ClaimDraft, _ preface: Reply.Preface?) -> Transition {
        let state = draft.nextState
        let transition = say(question(state, draft), .claiming(state, draft))
        return preface.map(transition.prefaced(by:)) ?? transition
    }

    /// On with a claim that was interrupted: what was said so far, and what is missing.
    static func goOn(_ draft: ClaimDraft) -> Transition {
        let isShown = draft.answered.isEmpty || draft.nextState == .confirmingClaim
        return next(draft, isShown ? nil : .claim(.soFar(draft)))
    }

    private static func ask(_ draft: ClaimDraft, slot: Slot) -> Transition {
        var draft = draft
        draft.close(slot)
        return say(.claim(.question(slot)), .claiming(.collecting(slot), draft))
    }

    /// The question before this one; its answer stays until it is given anew.
    private static func back(_ state: ClaimState, _ draft: ClaimDraft, again: () -> Transition)
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

extension Conversation.Input {
    /// The picture or PDF of a ticket; WebP, which stickers are too, only when one was asked for.
    func ticketPhoto(isAsked: Bool) -> Conversation.Media? {
        guard case .media(let media) = self, media.problem == nil else { return nil }
        let type = media.contentType.lowercased().prefix { $0 != ";" }
        return switch type {
        case "image/jpeg", "image/jpg", "image/png", "application/pdf": media
        case "image/webp": isAsked ? media : nil
        default: nil
        }
    }
}
