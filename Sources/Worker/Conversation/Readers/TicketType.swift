/// The kinds of ticket for which train companies work out compensation differently.
package enum TicketType: String, Hashable, Sendable, CaseIterable {
    case anytime, offPeak = "off_peak", superOffPeak = "super_off_peak", advance, season

    /// As passengers are shown it; `TicketTypeReader` reads it back.
    package var shown: String {
        switch self {
        case .anytime: "anytime"
        case .offPeak: "off-peak"
        case .superOffPeak: "super off-peak"
        case .advance: "advance"
        case .season: "season ticket"
        }
    }
}
