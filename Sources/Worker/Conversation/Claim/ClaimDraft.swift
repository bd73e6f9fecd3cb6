extension Conversation {
    /// The answers collected so far; it travels with the state, and only an answer changes it.
    package struct ClaimDraft: Hashable, Sendable {
        package var date: CivilDate?
        /// Codes (CRS) of stations that exist.
        package var origin: String?
        package var destination: String?
        package var departure: CivilTime?
        package var delay: ReportedDelay?
        package var fare: Fare?
        package var ticketClass: TicketClass?
        package var ticketType: TicketType?
        package var photo: Media?
        /// Optional slots that the passenger does not want to fill.
        package var skipped: Set<Slot> = []
        /// What was said but may mean several things, to be asked before anything else: codes, or two times.
        package var openStations: [Slot: [String]] = [:]
        package var openTimes: [CivilTime] = []

        package init() {}

        /// The order in which is asked: what a claim cannot do without comes first.
        static let order: [Slot] = [
            .origin, .destination, .date, .departure, .delay, .fare, .ticketClass, .ticketType,
            .ticketPhoto,
        ]

        func has(_ slot: Slot) -> Bool {
            switch slot {
            case .ticketPhoto: photo != nil
            case .date: date != nil
            case .origin: origin != nil
            case .destination: destination != nil
            case .departure: departure != nil
            case .delay: delay != nil
            case .fare: fare != nil
            case .ticketClass: ticketClass != nil
            case .ticketType: ticketType != nil
            }
        }

        /// Nothing was said yet.
        var isEmpty: Bool { self == ClaimDraft() }

        /// The slots that have an answer, in the order in which is asked.
        var answered: [Slot] { Self.order.filter(has) }

        /// The next question; nil when the claim can be shown and confirmed.
        var nextSlot: Slot? { Self.order.first { !has($0) && !skipped.contains($0) } }

        /// Where the making of the claim goes on.
        var nextState: ClaimState {
            for slot in [Slot.origin, .destination] {
                if let codes = openStations[slot] { return .choosingStation(slot, candidates: codes) }
            }
            if !openTimes.isEmpty { return .choosingTime(openTimes) }
            return nextSlot.map(ClaimState.collecting) ?? .confirmingClaim
        }

        /// Takes an answer back that a claim can do without.
        mutating func clear(_ slot: Slot) {
            switch slot {
            case .ticketPhoto: photo = nil
            case .fare: fare = nil
            case .ticketClass: ticketClass = nil
            case .ticketType: ticketType = nil
            case .date, .origin, .destination, .departure, .delay: break
            }
        }

        /// Forgets what a slot might have meant.
        mutating func close(_ slot: Slot) {
            openStations[slot] = nil
            if slot == .departure { openTimes = [] }
        }

        /// The question before one; nil for the first.
        static func slot(before slot: Slot) -> Slot? {
            order.firstIndex(of: slot).flatMap { $0 > 0 ? order[$0 - 1] : nil }
        }
    }

    /// A claim that the passenger has confirmed.
    package struct Claim: Hashable, Sendable {
        /// Short and readable; the worker made it before, and the passenger is told it.
        package var reference: String
        /// Codes (CRS).
        package var origin: String
        package var destination: String
        /// When the train was due to leave, on London's clocks.
        package var departure: LondonTime.Local
        package var delay: ReportedDelay
        package var fare: Fare?
        package var ticketClass: TicketClass?
        package var ticketType: TicketType?
        package var photo: Media?

        /// Nil while an answer is missing that a claim cannot do without.
        init?(_ draft: ClaimDraft, reference: String) {
            guard let origin = draft.origin, let destination = draft.destination, let date = draft.date,
                let time = draft.departure, let delay = draft.delay
            else { return nil }
            self.reference = reference
            self.origin = origin
            self.destination = destination
            departure = LondonTime.Local(date, time)
            self.delay = delay
            fare = draft.fare
            ticketClass = draft.ticketClass
            ticketType = draft.ticketType
            photo = draft.photo
        }
    }
}

extension Conversation.Slot {
    /// A claim can be made without it, so that SKIP answers the question.
    var isOptional: Bool {
        switch self {
        case .ticketPhoto, .fare, .ticketClass, .ticketType: true
        case .date, .origin, .destination, .departure, .delay: false
        }
    }
}
