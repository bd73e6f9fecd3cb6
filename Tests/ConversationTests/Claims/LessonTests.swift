import Testing

@testable import Conversation

/// What went wrong in systems like this one; each must not happen here.
@Suite struct LessonTests {
    /// A typo at one step erased everything that had been collected before it.
    @Test(arguments: ["yersterday", "32/10", "leeds too york", "25:61", "asdf"])
    func aTypoErasesNothing(typo: String) throws {
        var chat = ClaimChat()
        chat.send("from leeds to york at 14:30")
        let draft = try #require(chat.draft)
        chat.send(typo)
        #expect(chat.draft == draft && chat.claimState == .collecting(.date))
        chat.send("yesterday")
        #expect(chat.claimState == .collecting(.delay) && chat.draft?.departure == draft.departure)
    }

    /// The first station that matched was taken silently.
    @Test(arguments: [
        "Manchester", "London", "Newport", "Waterloo", "Birmingham", "Glasgow", "Gillingham",
    ])
    func noStationIsTakenSilently(name: String) {
        var chat = ClaimChat()
        let reply = chat.send("\(name) to Leeds")
        guard case .choosingStation(.origin, let candidates) = chat.claimState else {
            Issue.record("\(name) is taken for \(chat.draft?.origin ?? "nothing")")
            return
        }
        #expect(candidates.count > 1 && chat.draft?.origin == nil && chat.draft?.destination == "LDS")
        #expect(reply.contains("1. ") && reply.contains("2. "))
    }

    /// Text after a second " to " confused the reader of the journey.
    @Test func aSecondToIsNoStation() {
        var chat = ClaimChat()
        chat.send("I went from Leeds to York to get to a wedding to which I came late")
        #expect(chat.draft?.origin == "LDS" && chat.draft?.destination == "YRK")
    }

    /// UK local times were stamped as UTC: one hour wrong all summer.
    @Test func summerTimesCarryTheirOffset() throws {
        var context = ClaimChat().context
        context.claiming?.now = LondonTime.Local(
            Notation.date("2026-07-02"), CivilTime(minutesAfterMidnight: 600))
        var state = Conversation.State.menu()
        for text in [
            "the 00:30 from leeds to york yesterday was 40 minutes late", "skip", "skip", "skip", "skip",
        ] {
            state = Conversation.reduce(state, .text(text), context).state
        }
        let last = Conversation.reduce(state, .text("YES"), context)
        guard case .submitClaim(let claim) = last.effects.first else {
            Issue.record("nothing is submitted: \(last)")
            return
        }
        #expect(LondonTime.rfc3339(claim.departure) == "2026-07-01T00:30:00+01:00")
    }

    /// Dates came out a day early in summer: just after midnight it is still yesterday in UTC.
    @Test func todayIsLondonsDay() {
        // 00:30 on 2 July in London, 23:30 on 1 July in UTC.
        let now = LondonTime.local(
            atSecondsSince1970: Notation.date("2026-07-01").daysSince1970 * 86_400 + 84_600)
        let reader = DateReader(today: now.date, windowDays: 90)
        #expect(reader.read("today") == .value(Notation.date("2026-07-02")))
        #expect(reader.read("2/7") == .value(Notation.date("2026-07-02")))
    }

    /// Arrivals after midnight preceded their departures.
    @Test func arrivalsFollowDepartures() {
        let departure = LondonTime.Local(
            Notation.date("2026-11-21"), CivilTime(minutesAfterMidnight: 23 * 60 + 50))
        let arrival = LondonTime.arrival(at: CivilTime(minutesAfterMidnight: 20), after: departure)
        #expect(arrival - LondonTime.secondsSince1970(departure) == 30 * 60)
    }

    /// The bot could not read the date that it had itself printed.
    @Test func theSummaryCanBeSentBack() throws {
        var chat = ClaimChat.complete()
        let draft = try #require(chat.draft)
        let summary = chat.send("hello")
        for line in summary.split(separator: "\n") where line.contains(": ") {
            chat.send(String(line))
            #expect(chat.draft == draft, "\(line)")
        }
    }

    /// SKIP sent a claim whose compensation was computed as nothing: what was skipped is told apart from zero.
    @Test func skippedIsNotZero() throws {
        var chat = ClaimChat()
        for text in [ClaimChat.sentence, "skip", "skip", "skip", "skip"] { chat.send(text) }
        #expect(chat.send("hello").contains("Ticket: not given"))
        chat.send("yes")
        let claim = try #require(chat.submitted.first)
        #expect(claim.fare == nil && claim.ticketClass == nil && claim.ticketType == nil)
    }

    /// Saying NO to what was shown led to a promise that could not be kept, and then round in a circle.
    @Test func noAtTheEndAsksWhatToChange() throws {
        var chat = ClaimChat.complete()
        let draft = try #require(chat.draft)
        #expect(chat.send("no").contains("What should be changed?"))
        #expect(chat.draft == draft)
        chat.send("it was 15:30")
        #expect(chat.claimState == .confirmingClaim && chat.draft?.departure?.hour == 15)
        chat.send("yes")
        #expect(chat.submitted.count == 1)
    }

    /// The passenger was asked again for what had been said.
    @Test func nothingIsAskedTwice() {
        var chat = ClaimChat()
        let reply = chat.send("leeds to york 21/11 14:30 40 mins £12.50 standard anytime")
        #expect(chat.claimState == .collecting(.ticketPhoto))
        #expect(reply.contains("SKIP"))
    }
}
