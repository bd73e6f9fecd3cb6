/// The class that a ticket is for.
package enum TicketClass: String, Hashable, Sendable, CaseIterable {
    case standard, first
}
