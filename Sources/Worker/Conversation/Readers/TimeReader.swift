/// Reads the time at which a train was due to leave.
///
/// An hour that may be of the morning or of the afternoon ("half two", "at 8", 2:30) is a choice of both; one written
/// in the manner of a timetable (08:15, 0815, 10:15, 14:30) is taken as it stands.
package struct TimeReader: Sendable {
    package init() {}

    package enum Refusal: Hashable, Sendable {
        case unreadable
    }

    /// Reads the answer to the question for the time; `unreadable` when there is none in it.
    package func read(_ text: String) -> Reading<CivilTime, Refusal> {
        matches(in: Words(text), isAsked: true).best()?.reading ?? .refused(.unreadable)
    }

    /// Reads the answer to "morning or afternoon?": one of the two times, or another time altogether.
    package func read(_ text: String, choosingFrom choices: [CivilTime]) -> Reading<CivilTime, Refusal> {
        let words = Words(text)
        if let match = matches(in: words, isAsked: false).best() {
            if case .value(let time) = match.reading { return .value(time) }
            if case .choice(let times) = match.reading, times != choices { return .choice(times) }
        }
        let parts = (0..<words.count).compactMap { Daypart(words, at: $0) }
        let chosen = choices.filter { time in parts.contains { $0.hour(of: time.hour) == time.hour } }
        if chosen.count == 1 { return .value(chosen[0]) }
        let places = [["1", "first", "1st"], ["2", "second", "2nd"]]
        for (place, names) in places.enumerated() where place < choices.count {
            if words.count == 1, names.contains(words[0].text) { return .value(choices[place]) }
        }
        return .choice(choices)
    }

    /// Every time in a message; those that are times only if one was asked for, when it was.
    func matches(in words: Words, isAsked: Bool) -> [Match<CivilTime, Refusal>] {
        let parts = (0..<words.count).compactMap { Daypart(words, at: $0) }
        var matches: [Match<CivilTime, Refusal>] = []
        var index = 0
        while index < words.count {
            guard let form = form(words, at: index, isAsked: isAsked) else {
                index += 1
                continue
            }
            let part = Set(parts).count == 1 ? parts.first : nil
            matches.append(
                Match(reading: form.reading(part), certainty: form.certainty, tokens: index..<form.end))
            index = max(form.end, index + 1)
        }
        return matches
    }

    /// A time as written.
    struct Form {
        var hour: Int
        var minute: Int
        /// Nothing says which half of the day it is in.
        var isAmbiguous = false
        var daypart: Daypart?
        var end: Int
        var certainty: Certainty

        func reading(_ other: Daypart?) -> Reading<CivilTime, Refusal> {
            guard (0...23).contains(hour), (0...59).contains(minute) else { return .refused(.unreadable) }
            if let daypart, hour <= 12 { return value(daypart.hour(of: hour)) }
            // 14:30 am is neither the one nor the other.
            if daypart == .am, hour > 12 { return .refused(.unreadable) }
            guard isAmbiguous, hour <= 12 else { return value(hour) }
            if let other { return value(other.hour(of: hour)) }
            let times = [hour % 12, hour % 12 + 12].compactMap { CivilTime(hour: $0, minute: minute) }
            return times.count == 2 ? .choice(times) : .refused(.unreadable)
        }

        private func value(_ hour: Int) -> Reading<CivilTime, Refusal> {
            CivilTime(hour: hour, minute: minute).map { .value($0) } ?? .refused(.unreadable)
        }
    }

    private func form(_ words: Words, at index: Int, isAsked: Bool) -> Form? {
        guard !isInsideNumber(words, at: index) else { return nil }
        return named(words, at: index) ?? past(words, at: index) ?? clock(words, at: index, isAsked: isAsked)
            ?? wholeHour(words, at: index, isAsked: isAsked) ?? written(words, at: index, isAsked: isAsked)
    }
}
