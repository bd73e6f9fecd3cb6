/// Reads a message for every slot that it may fill.
///
/// No word is read as two things: the surest reading takes it, and of two that are as sure the one that was asked for.
package struct SentenceReader: Sendable {
    package var dates: DateReader
    var times = TimeReader()
    var delays = DelayReader()
    var fares = FareReader()
    var tickets = TicketReader()
    var journeys: JourneyReader

    /// - today: the day in London when the message came; windowDays: how far back claims are taken.
    package init(today: CivilDate, windowDays: Int, index: StationIndex = .shared) {
        dates = DateReader(today: today, windowDays: windowDays)
        journeys = JourneyReader(index: index)
    }

    /// Reads a message; `slot` is the one that was asked for, if any.
    package func read(_ text: String, expecting slot: Conversation.Slot? = nil) -> SentenceReading {
        let words = Words(text)
        var claims = Claims(words: words, expecting: slot)
        let dates = claims.add(dates.matches(in: words, isAsked: slot == .date), for: .date)
        let times = claims.add(times.matches(in: words, isAsked: slot == .departure), for: .departure)
        let delays = claims.add(delays.matches(in: words, isAsked: slot == .delay), for: .delay)
        let fares = claims.add(fares.matches(in: words, isAsked: slot == .fare), for: .fare)
        let classes = claims.add(tickets.classes(in: words, isAsked: slot == .ticketClass), for: .ticketClass)
        let types = claims.add(tickets.types(in: words, isAsked: slot == .ticketType), for: .ticketType)
        claims.settle()
        var reading = SentenceReading()
        reading.date = claims.granted(dates).best()?.found(in: words)
        reading.departure = departure(claims.granted(times), words, isAsked: slot == .departure)?.found(in: words)
        reading.delay = DelayReader.merged(claims.granted(delays))?.found(in: words)
        reading.fare = claims.granted(fares).best()?.found(in: words)
        reading.ticketClass = claims.granted(classes).best()?.found(in: words)
        reading.ticketType = claims.granted(types).best()?.found(in: words)
        reading.isReturn = tickets.isReturn(in: words)
        reading.lacksPhoto = tickets.lacksPhoto(in: words)
        reading.isCorrection = isCorrection(words)
        reading.journey = journeys.read(words, free: claims.free)
        answer(slot, &reading, words, text, claims.free)
        return reading
    }

    /// The time of departure among the times of a message: one at which the train came is none.
    private func departure(
        _ times: [Match<CivilTime, TimeReader.Refusal>], _ words: Words, isAsked: Bool
    ) -> Match<CivilTime, TimeReader.Refusal>? {
        let departures = times.filter { !isArrival(words, $0.tokens.lowerBound) }
        return departures.best() ?? (isAsked ? times.best() : nil)
    }

    private static let arrivals: Set<String> = [
        "arrived", "arriving", "arrive", "arrival", "arr", "arrives", "reached", "until", "till", "by", "now",
    ]
    /// "got in at 16:10" says when the train came, "got the 16:10" when it left.
    private static let arrivalsBefore: Set<String> = ["in", "there", "home", "here"]
    private static let betweenArrivalAndTime: Set<String> = [
        "at", "in", "there", "the", "about", "around", "time", ":", "home", "here",
    ]

    private func isArrival(_ words: Words, _ index: Int) -> Bool {
        (max(0, index - 4)..<index).contains { place in
            let isGot = ["got", "getting", "get"].contains(words[place].text)
            guard Self.arrivals.contains(words[place].text) || isGot else { return false }
            if isGot, !Self.arrivalsBefore.contains(words[place + 1].text) { return false }
            return (place + 1..<index).allSatisfy { Self.betweenArrivalAndTime.contains(words[$0].text) }
        }
    }

    /// A station without a direction answers the question for an end of the journey.
    private func answer(
        _ slot: Conversation.Slot?, _ reading: inout SentenceReading, _ words: Words, _ text: String, _ free: [Bool]
    ) {
        guard slot == .origin || slot == .destination, reading.journey.origin == nil,
            reading.journey.destination == nil
        else { return }
        var end = reading.journey.station
        if end == nil, reading.journey.rejected.isEmpty, reading.slots.isEmpty, words.count > 0 {
            end = Journey.End(
                reading: journeys.stations.read(text), certainty: .guessed, span: words.span(0..<words.count))
        }
        reading.journey.station = nil
        if slot == .origin { reading.journey.origin = end } else { reading.journey.destination = end }
    }

    private func isCorrection(_ words: Words) -> Bool {
        let starts: [[String]] = [
            ["no"], ["nope"], ["not"], ["sorry"], ["actually"], ["correction"], ["i", "meant"], ["i", "mean"],
            ["wrong"], ["oops"], ["change"], ["edit"], ["wait"], ["its", "not"], ["it", "was", "not"], ["it", "wasnt"],
        ]
        return words.length(ofAny: starts, at: 0) != nil
            || words.tokens.contains { $0.text == "not" || $0.text == "meant" }
    }
}
