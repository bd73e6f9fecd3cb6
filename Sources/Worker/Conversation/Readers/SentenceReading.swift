/// What one message says about a claim: each slot that it fills, how surely, and from which words.
package struct SentenceReading: Hashable, Sendable {
    package var date: Found<CivilDate, DateReader.Refusal>?
    package var journey = Journey()
    package var departure: Found<CivilTime, TimeReader.Refusal>?
    package var delay: Found<ReportedDelay, DelayReader.Refusal>?
    package var fare: Found<Fare, FareReader.Refusal>?
    package var ticketClass: Found<TicketClass, TicketReader.Refusal>?
    package var ticketType: Found<TicketType, TicketReader.Refusal>?
    /// Whether the ticket was for there and back, if the message says so.
    package var isReturn: Bool?
    /// Whether the message says that there is no photo of the ticket.
    package var lacksPhoto = false
    /// The message takes something back: "no, it was tuesday", "sorry, 14:30".
    package var isCorrection = false

    /// The slots that something was read for, also what cannot be taken or is not clear.
    package var slots: [Conversation.Slot] {
        Conversation.Slot.allCases.filter { certainty(of: $0) != nil }
    }

    /// How surely something was read for a slot; nil when nothing was.
    package func certainty(of slot: Conversation.Slot) -> Certainty? {
        switch slot {
        case .ticketPhoto: nil
        case .date: date?.certainty
        case .origin: journey.origin?.certainty
        case .destination: journey.destination?.certainty
        case .departure: departure?.certainty
        case .delay: delay?.certainty
        case .fare: fare?.certainty
        case .ticketClass: ticketClass?.certainty
        case .ticketType: ticketType?.certainty
        }
    }

    package func span(of slot: Conversation.Slot) -> Range<Int>? {
        switch slot {
        case .ticketPhoto: nil
        case .date: date?.span
        case .origin: journey.origin?.span
        case .destination: journey.destination?.span
        case .departure: departure?.span
        case .delay: delay?.span
        case .fare: fare?.span
        case .ticketClass: ticketClass?.span
        case .ticketType: ticketType?.span
        }
    }
}
