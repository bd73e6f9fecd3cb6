extension Conversation {
    /// One answer that a claim is made of.
    package enum Slot: String, Hashable, Sendable, CaseIterable {
        case ticketPhoto, date, origin, destination, departure, delay, fare, ticketClass, ticketType
    }
}
