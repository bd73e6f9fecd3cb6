/// The answers as passengers are shown them; what is printed here is read back by the reader of the same thing.

extension CivilDate {
    /// `Sun 22 Nov 2026`; `DateReader` reads it back.
    package var shown: String {
        "\(CalendarWords.shortName(of: weekday)) \(day) \(CalendarWords.shortName(ofMonth: month)) \(year)"
    }
}

extension CivilTime {
    /// `08:15`; `TimeReader` reads it back.
    package var shown: String { description }
}

extension ReportedDelay {
    /// `1 hour 5 minutes`, `over 2 hours`, `cancelled`; `DelayReader` reads it back.
    package var shown: String {
        guard let minutes else { return "cancelled" }
        var parts: [String] = []
        if minutes >= 60 { parts.append(minutes < 120 ? "1 hour" : "\(minutes / 60) hours") }
        if minutes % 60 > 0 { parts.append(minutes % 60 == 1 ? "1 minute" : "\(minutes % 60) minutes") }
        let length = (precision == .exactly ? "" : precision.rawValue + " ") + parts.joined(separator: " ")
        return isCancelled ? "cancelled, \(length) late" : length
    }
}

extension Fare {
    /// `£12.50`; `FareReader` reads it back.
    package var shown: String { "\u{A3}\(pence / 100).\(padded(pence % 100, to: 2))" }
}

extension TicketClass {
    /// `standard class`; `TicketReader` reads it back.
    package var shown: String {
        switch self {
        case .standard: "standard class"
        case .first: "first class"
        }
    }
}

extension TicketType {
    /// `off-peak`; `TicketReader` reads it back.
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
