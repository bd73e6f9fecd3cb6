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
        case .yes, .no, .resend, .changeNumber, .restart, .logout, .stop, .deleteMyData, .reallyDelete:
            // "no way" is not Fenny Way station: what is a command is no answer, unless it stands under a photo.
            if case .text = turn.input { return say(turn.lost(question), .claiming(state, draft)) }
        case nil: break
        }
        return answer(state, draft, turn, claiming)
    }
}

extension Conversation.Input {
    /// The picture or PDF of a ticket; WebP, which stickers are too, only when one was asked for.
    func ticketPhoto(isAsked: Bool) -> Conversation.Media? {
        guard case .media(var media) = self, media.problem == nil else { return nil }
        // What was written under it has been read, and is not kept.
        media.caption = nil
        let type = media.contentType.lowercased().prefix { $0 != ";" }
        return switch type {
        case "image/jpeg", "image/jpg", "image/png", "application/pdf": media
        case "image/webp": isAsked ? media : nil
        default: nil
        }
    }
}
