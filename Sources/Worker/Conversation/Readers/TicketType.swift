/// The kinds of ticket for which train companies work out compensation differently.
package enum TicketType: String, Hashable, Sendable, CaseIterable {
    case anytime, offPeak = "off_peak", superOffPeak = "super_off_peak", advance, season
}
