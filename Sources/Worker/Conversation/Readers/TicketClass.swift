/// The class that a ticket is for.
package enum TicketClass: String, Hashable, Sendable, CaseIterable {
    case standard, first

    /// As passengers are shown it; `TicketClassReader` reads it back.
    package var shown: String {
        switch self {
        case .standard: "standard class"
        case .first: "first class"
        }
    }
}
