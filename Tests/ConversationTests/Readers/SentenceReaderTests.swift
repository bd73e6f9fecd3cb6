import Testing

@testable import Conversation

/// Today is Sunday 22 November 2026.
@Suite struct SentenceReaderTests {
    /// Messages as they come when nothing was asked.
    static let table: [(String, String)] = [
        (
            "the 14:30 from leeds to york yesterday was 40 minutes late",
            "date=2026-11-21, from=LDS, to=YRK, at=14:30, late=40"
        ),
        ("2 hours late", "late=120"), ("£45.60 off-peak single", "fare=4560, type=off_peak, single"),
        ("no, it was tuesday", "date=2026-11-17, correction"), ("from Leeds not York", "from=LDS, not=YRK, correction"),
        ("THE 0815 FROM LEEDS TO YORK WAS 40 MIN LATE", "from=LDS, to=YRK, at=08:15, late=40"),
        (
            "leeds to york 22/11 14:30 40 mins £12.50 standard anytime",
            "date=2026-11-22, from=LDS, to=YRK, at=14:30, late=40, fare=1250, class=standard, type=anytime"
        ),
        (
            "Yesterday the 0815 Leeds - York was cancelled",
            "date=2026-11-21, from=LDS, to=YRK, at=08:15, late=cancelled"
        ),
        (
            "my train from kings x to edinburgh last tue at 2pm was over two hours late",
            "date=2026-11-17, from=KGX, to=EDB, at=14:00, late=over 120"
        ),
        ("Delayed by 1h05 from Newcastle to Durham on 20 Nov", "date=2026-11-20, from=NCL, to=DHM, late=65"),
        ("half past two from leeds to york", "from=LDS, to=YRK, at=02:30 or 14:30"),
        ("the half two to York this afternoon", "date=2026-11-22, to=YRK, at=14:30"),
        ("quarter to 9 from Reading", "from=RDG, at=08:45 or 20:45"),
        ("I missed the 12.50 to York", "to=YRK, at=12:50"), ("it cost 12.50", "fare=1250"),
        ("ticket was £12.50", "fare=1250"),
        ("the 12.50 cost me £12.50", "at=12:50, fare=1250"),
        ("Nov 20, 1430 leeds york", "date=2026-11-20, from=LDS, to=YRK, at=14:30"),
        ("KGX EDB", "from=KGX, to=EDB"), ("KGX EDB 14:30 yesterday", "date=2026-11-21, from=KGX, to=EDB, at=14:30"),
        ("left leeds at 14:30 arrived york 16:10", "from=LDS, to=YRK, at=14:30"),
        ("arrived at 16:10, 40 late", "late=40"), ("got in at 16:10 instead of 15:30", ""),
        (
            "Got the 17:03 Paddington to Reading on monday, arrived 35 mins late",
            "date=2026-11-16, from=PAD, to=RDG, at=17:03, late=35"
        ),
        ("the 7.45 from brighton to victoria", "from=BTN, to=VIC|MCV, at=07:45 or 19:45"),
        ("half an hour late into Crewe from Chester", "from=CTR, to=CRE, late=30"),
        ("the train i caught was the 10:15 not the 10:45", "at=10:15, correction"),
        ("kgx-lds 1803 thurs 61m late", "date=2026-11-19, from=KGX, to=LDS, at=18:03, late=61"),
        ("from Clapham Junction to Gatwick Airport at about half 5 pm", "from=CLJ, to=GTW, at=17:30"),
        (
            "5 pm from Waterloo to Woking 2 days ago 25 min",
            "date=2026-11-20, from=WAT|WAE|WLO, to=WOK, at=17:00, late=25"
        ),
        ("first class advance, £80", "fare=8000, class=first, type=advance"),
        ("standard, season ticket", "class=standard, type=season"),
        ("off peak return 2nd class", "class=standard, type=off_peak, return"),
        ("Super Off-Peak Return £33", "fare=3300, type=super_off_peak, return"),
        ("the first train to york", "to=YRK"), ("my 1st time to York on the 1st", "date=2026-11-01, to=YRK"),
        ("14:30 March to Ely", "from=MCH, to=ELY, at=14:30"),
        ("3 March 14:30 to Ely", "date=too old 2026-03-03, to=ELY, at=14:30"),
        ("tomorrow's 14:30 to York", "date=future 2026-11-23, to=YRK, at=14:30"),
        ("sorry, 14:30", "at=14:30, correction"),
        ("I meant York", "station=YRK, correction"), ("not monday, tuesday", "date=2026-11-17, correction"),
        ("not 14:30 but 15:30", "at=15:30, correction"), ("it was 50 minutes not 40 minutes", "late=50, correction"),
        ("actually it was from Hull", "from=HUL, correction"), ("wrong, to York", "to=YRK, correction"),
        ("1st class", "class=first"), ("an hour and a half", "late=90"), ("40 quid", "fare=4000"), ("40p", "fare=40"),
        ("14.30", "at=14:30"), ("40", ""), ("hello", ""), ("", ""), ("delay", ""), ("I want to claim", ""),
        ("my train was late", ""), ("STOP", ""), ("123456", ""), ("07700 900123", ""),
        ("https://example.com/leeds-to-york", ""),
        ("see https://example.com/1430 leeds to york", "from=LDS, to=YRK"),
        ("the train was 3/4 of an hour late", "late=45"),
        ("delay of 25 minutes, Hull to Leeds, last friday", "date=2026-11-20, from=HUL, to=LDS, late=25"),
        ("Sunday", "date=2026-11-22"), ("I sat on the train for 2 hours", "late=120"),
        ("10 to 3 from leeds", "from=LDS, at=02:50 or 14:50"),
        ("10 to 15 minutes late", "late=about 10"), ("1:05 late", "late=65"),
        ("Leeds to York, 8am, 30 min, friday", "date=2026-11-20, from=LDS, to=YRK, at=08:00, late=30"),
        ("train at 8 from leeds", "from=LDS, at=08:00 or 20:00"), ("on time", "late=not late"),
        ("the 2026 to York", "to=YRK, at=20:26"), ("22 Nov 2026 to York", "date=2026-11-22, to=YRK"),
        ("Birmingham to Leeds", "from=BHM|BMO|BSW|BHI, to=LDS"), ("Leeds to Leeds", "from=LDS, to=LDS"),
        ("between leeds and york on weds", "date=2026-11-18, from=LDS, to=YRK"),
        (
            "Hi! The 07:02 Huddersfield → Manchester Piccadilly on Thurs 19th was 63 mins late :(",
            "date=2026-11-19, from=HUD, to=MAN, at=07:02, late=63"
        ),
        ("midnight train to York cancelled yesterday", "date=2026-11-21, to=YRK, at=00:00, late=cancelled"),
    ]

    /// Answers to a question: the slot that was asked for comes first.
    static let answers: [(Conversation.Slot, String, String)] = [
        (.fare, "12.50", "fare=1250"), (.departure, "12.50", "at=12:50"), (.date, "12.10", "date=2026-10-12"),
        (.fare, "12", "fare=1200"), (.departure, "14", "at=14:00"), (.delay, "40", "late=40"), (.date, "22", ""),
        (.delay, "1:05", "late=65"), (.departure, "1:05", "at=01:05 or 13:05"), (.delay, "14:30", "at=14:30"),
        (.delay, "forty", "late=40"), (.fare, "twelve fifty", "fare=1250"),
        (.departure, "twelve fifty", "at=00:50 or 12:50"),
        (.ticketClass, "first", "class=first"), (.date, "first of november", "date=2026-11-01"),
        (.ticketType, "single", "type=anytime, single"),
        (.ticketClass, "2", "class=standard"), (.origin, "leeds", "from=LDS"), (.destination, "leeds", "to=LDS"),
        (.origin, "leads", "from=LDS"), (.origin, "from leeds", "from=LDS"),
        (.origin, "leeds to york", "from=LDS, to=YRK"),
        (.destination, "from leeds", "from=LDS"), (.origin, "man", "from=MAN"), (.origin, "newport", "from=NWE|NWP"),
        (.origin, "Narnia", "from=?BAA|BNS|CRF"), (.destination, "York at 14:30", "to=YRK, at=14:30"),
        (.origin, "it was cancelled", "late=cancelled"), (.date, "it was 40 minutes late", "late=40"),
        (.departure, "1430", "at=14:30"), (.departure, "half two", "at=02:30 or 14:30"),
        (.departure, "8", "at=08:00 or 20:00"),
        (.fare, "£12.50 standard", "fare=1250, class=standard"), (.delay, "cancelled", "late=cancelled"),
        (.date, "yesterday at 2pm", "date=2026-11-21, at=14:00"), (.date, "no idea", "correction"),
        (.departure, "arrived at 16:10", "at=16:10"), (.fare, "1250", "fare=out of range"),
        (.date, "31/11", "date=unreadable"),
        (.departure, "25:00", "at=unreadable"), (.ticketPhoto, "yesterday", "date=2026-11-21"), (.origin, "", ""),
        (.origin, "Deal", "from=DEA"), (.destination, "Battle", "to=BAT"), (.date, "20 11 26", "date=2026-11-20"),
    ]

    @Test func everySentenceIsRead() {
        #expect(Self.table.count >= 70)
        for (text, expected) in Self.table {
            #expect(Notation.of(Notation.sentences.read(text)) == expected, "\(text)")
        }
    }

    @Test func theSlotThatWasAskedForComesFirst() {
        for (slot, text, expected) in Self.answers {
            #expect(Notation.of(Notation.sentences.read(text, expecting: slot)) == expected, "\(slot): \(text)")
        }
    }

    /// No word is read as two things.
    @Test func noTwoReadingsShareAWord() {
        for slot in Conversation.Slot.allCases {
            for (text, _) in Self.table {
                let reading = Notation.sentences.read(text, expecting: slot)
                let spans = reading.slots.filter { $0 != .delay }.compactMap { reading.span(of: $0) }
                for (place, span) in spans.enumerated() {
                    #expect(span.upperBound <= text.unicodeScalars.count)
                    #expect(!spans.dropFirst(place + 1).contains { $0.overlaps(span) }, "\(text)")
                }
            }
        }
    }

    @Test func aReadingSaysHowSureItIsAndWhereItWasFound() throws {
        let text = "the 14:30 from leeds to york yesterday was 40 minutes late"
        let reading = Notation.sentences.read(text)
        #expect(reading.slots == [.date, .origin, .destination, .departure, .delay])
        func piece(_ slot: Conversation.Slot) throws -> String {
            let span = try #require(reading.span(of: slot))
            return String(String.UnicodeScalarView(Array(text.unicodeScalars)[span]))
        }
        #expect(try piece(.date) == "yesterday")
        #expect(try piece(.origin) == "leeds")
        #expect(try piece(.destination) == "york")
        #expect(try piece(.departure) == "14:30")
        #expect(try piece(.delay) == "40 minutes")
        #expect(reading.slots.allSatisfy { reading.certainty(of: $0) == .certain })
        #expect(Notation.sentences.read("40", expecting: .delay).certainty(of: .delay) == .guessed)
        #expect(Notation.sentences.read("12.50").certainty(of: .departure) == .guessed)
        #expect(Notation.sentences.read("newport to york").certainty(of: .origin) == .likely)
    }

    /// All that the bot prints of a claim is read back from one message.
    @Test func aPrintedSummaryIsRead() {
        let text =
            "Leeds (LDS) to York (YRK), Sat 21 Nov 2026, 08:15, over 2 hours late, £12.50, first class, super off-peak"
        #expect(
            Notation.of(Notation.sentences.read(text))
                == "date=2026-11-21, from=LDS, to=YRK, at=08:15, late=over 120, fare=1250, class=first, type=super_off_peak"
        )
    }
}
