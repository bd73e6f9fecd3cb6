extension Conversation.ClaimDraft {
    /// What a message did to a draft.
    struct Change {
        /// The slots that were filled.
        var filled: [Conversation.Slot] = []
        /// What could not be taken, and why.
        var refusals: [Conversation.ClaimReply.Preface] = []
        /// Something was said that may mean several things.
        var isOpen = false
    }

    /// Takes over what a message says; what it does not say, and what cannot be taken, changes nothing.
    mutating func take(
        _ reading: SentenceReading, asked: Conversation.Slot?, _ claiming: Conversation.Claiming
    ) -> Change {
        var change = Change()
        func isWelcome(_ slot: Conversation.Slot) -> Bool {
            guard let certainty = reading.certainty(of: slot) else { return false }
            // What was answered before is replaced by a clear word only, until everything is shown to be checked.
            let isReplaceable =
                !has(slot) || certainty == .certain || reading.isCorrection || asked == nil
            return slot == asked || certainty > .guessed && isReplaceable
        }
        let welcome = Conversation.Slot.allCases.filter(isWelcome)
        var draft = self
        for slot in welcome {
            switch slot {
            case .ticketPhoto: continue
            case .date:
                switch reading.date?.reading {
                case .value(let date): draft.date = date
                case .refused(.unreadable): change.refusals.append(.dateUnreadable)
                case .refused(.future(let date)): change.refusals.append(.dateFuture(date))
                case .refused(.tooOld(let date)):
                    change.refusals.append(.dateTooOld(date, windowDays: claiming.windowDays))
                case .choice, nil: continue
                }
            case .origin: draft.take(reading.journey.origin, slot, &change) { $0.origin = $1 }
            case .destination:
                draft.take(reading.journey.destination, slot, &change) { $0.destination = $1 }
            case .departure:
                switch reading.departure?.reading {
                case .value(let time):
                    draft.departure = time
                    draft.close(slot)
                case .choice(let times):
                    draft.openTimes = times
                    change.isOpen = true
                case .refused(.unreadable): change.refusals.append(.timeUnreadable)
                case nil: continue
                }
            case .delay:
                switch reading.delay?.reading {
                case .value(let delay): draft.delay = delay
                case .refused(.notLate): change.refusals.append(.delayNone)
                case .refused(.tooLong): change.refusals.append(.delayTooLong)
                case .refused(.unreadable), .choice, nil: continue
                }
            case .fare:
                switch reading.fare?.reading {
                case .value(let fare): draft.fare = fare
                case .refused: change.refusals.append(.fareOutOfRange)
                case .choice, nil: continue
                }
            case .ticketClass: draft.ticketClass = reading.ticketClass?.value ?? draft.ticketClass
            case .ticketType: draft.ticketType = reading.ticketType?.value ?? draft.ticketType
            }
        }
        draft.replaceRejected(reading)
        keepPossible(&draft, claiming, &change)
        change.filled = Self.order.filter { slot in
            draft.has(slot)
                && (draft.differs(from: self, in: slot) || slot == asked && welcome.contains(slot))
        }
        draft.skipped.subtract(change.filled)
        if reading.lacksPhoto, photo == nil { draft.skipped.insert(.ticketPhoto) }
        self = draft
        return change
    }

    private mutating func take(
        _ end: Journey.End?, _ slot: Conversation.Slot, _ change: inout Change,
        _ store: (inout Self, String) -> Void
    ) {
        switch end?.reading {
        case .value(let station):
            store(&self, station.code)
            close(slot)
        case .choice(let stations):
            openStations[slot] = stations.map(\.code)
            change.isOpen = true
        case .refused(.unknown(let nearest)): change.refusals.append(.stationUnknown(nearest: nearest))
        case nil: return
        }
    }

    /// What choosing one of several did to the draft as it was before.
    mutating func settle(
        _ slot: Conversation.Slot, before old: Self, _ claiming: Conversation.Claiming
    ) -> Change {
        var change = Change()
        old.keepPossible(&self, claiming, &change)
        if change.refusals.isEmpty { change.filled = [slot] }
        return change
    }

    /// "Leeds, not London": the station that was ruled out is replaced where the draft has it.
    private mutating func replaceRejected(_ reading: SentenceReading) {
        guard let station = reading.journey.station?.value else { return }
        let rejected = reading.journey.rejected.map(\.code)
        if let origin, rejected.contains(origin) { self.origin = station.code }
        if let destination, rejected.contains(destination) { self.destination = station.code }
    }

    /// Takes back what cannot be true together: one station twice, a train that has not left yet.
    private func keepPossible(
        _ draft: inout Self, _ claiming: Conversation.Claiming, _ change: inout Change
    ) {
        if let code = draft.origin, code == draft.destination {
            (draft.origin, draft.destination, draft.openStations) = (origin, destination, openStations)
            if draft.origin == draft.destination { draft.destination = nil }
            if let station = StationIndex.shared.station(code: code) {
                change.refusals.append(.sameStation(station))
            }
        }
        if let date = draft.date, let time = draft.departure, date == claiming.now.date,
            time > claiming.now.time
        {
            draft.departure = nil
            change.refusals.append(.departureAhead(time))
        }
    }

    private func differs(from other: Self, in slot: Conversation.Slot) -> Bool {
        switch slot {
        case .ticketPhoto: photo != other.photo
        case .date: date != other.date
        case .origin: origin != other.origin
        case .destination: destination != other.destination
        case .departure: departure != other.departure
        case .delay: delay != other.delay
        case .fare: fare != other.fare
        case .ticketClass: ticketClass != other.ticketClass
        case .ticketType: ticketType != other.ticketType
        }
    }
}
