@testable import Conversation

/// Readings in the short notation of the tables.
enum Notation {
    static let today = date("2026-11-22")  // a Sunday
    static let window = 90
    static let dates = DateReader(today: today, windowDays: window)
    static let sentences = SentenceReader(today: today, windowDays: window)

    static func date(_ text: String) -> CivilDate {
        CivilDate(stored: text) ?? CivilDate(daysSince1970: 0)
    }

    static func of(_ reading: Reading<CivilDate, DateReader.Refusal>) -> String {
        switch reading {
        case .value(let date): "\(date)"
        case .choice(let dates): dates.map(\.description).joined(separator: " or ")
        case .refused(.unreadable): "unreadable"
        case .refused(.future(let date)): "future \(date)"
        case .refused(.tooOld(let date)): "too old \(date)"
        }
    }

    static func of(_ reading: Reading<CivilTime, TimeReader.Refusal>) -> String {
        switch reading {
        case .value(let time): "\(time)"
        case .choice(let times): times.map(\.description).joined(separator: " or ")
        case .refused(.unreadable): "unreadable"
        }
    }

    static func of(_ reading: Reading<ReportedDelay, DelayReader.Refusal>) -> String {
        switch reading {
        case .value(let delay):
            ((delay.precision == .exactly ? [] : [delay.precision.rawValue])
                + (delay.isCancelled ? ["cancelled"] : []) + (delay.minutes.map { ["\($0)"] } ?? []))
                .joined(separator: " ")
        case .choice(let delays): "\(delays)"
        case .refused(.unreadable): "unreadable"
        case .refused(.notLate): "not late"
        case .refused(.tooLong): "too long"
        }
    }

    static func of(_ reading: Reading<Fare, FareReader.Refusal>) -> String {
        switch reading {
        case .value(let fare): "\(fare.pence)"
        case .choice(let fares): "\(fares)"
        case .refused(.unreadable): "unreadable"
        case .refused(.outOfRange): "out of range"
        }
    }

    static func of<Value: RawRepresentable<String>>(_ reading: Reading<Value, TicketReader.Refusal>) -> String {
        switch reading {
        case .value(let value): value.rawValue
        case .choice(let values): values.map(\.rawValue).joined(separator: " or ")
        case .refused(.unreadable): "unreadable"
        }
    }

    static func of(_ reading: Reading<Station, StationReader.Refusal>) -> String {
        switch reading {
        case .value(let station): station.code
        case .choice(let stations): stations.map(\.code).joined(separator: "|")
        case .refused(.unknown(let nearest)): "?" + nearest.map(\.code).joined(separator: "|")
        }
    }

    /// Every slot that a sentence fills.
    static func of(_ reading: SentenceReading) -> String {
        var parts: [String] = []
        if let date = reading.date { parts.append("date=" + of(date.reading)) }
        if let end = reading.journey.origin { parts.append("from=" + of(end.reading)) }
        if let end = reading.journey.destination { parts.append("to=" + of(end.reading)) }
        if let station = reading.journey.station { parts.append("station=" + of(station.reading)) }
        if !reading.journey.rejected.isEmpty {
            parts.append("not=" + reading.journey.rejected.map(\.code).joined(separator: "|"))
        }
        if let time = reading.departure { parts.append("at=" + of(time.reading)) }
        if let delay = reading.delay { parts.append("late=" + of(delay.reading)) }
        if let fare = reading.fare { parts.append("fare=" + of(fare.reading)) }
        if let ticketClass = reading.ticketClass { parts.append("class=" + of(ticketClass.reading)) }
        if let type = reading.ticketType { parts.append("type=" + of(type.reading)) }
        if let isReturn = reading.isReturn { parts.append(isReturn ? "return" : "single") }
        if reading.isCorrection { parts.append("correction") }
        return parts.joined(separator: ", ")
    }
}
