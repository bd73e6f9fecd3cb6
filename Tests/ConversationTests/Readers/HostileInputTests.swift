import TestSupport
import Testing

@testable import Conversation

/// Nothing that can be typed traps a reader, or keeps it busy.
@Suite struct HostileInputTests {
    private static let pieces: [String] = [
        "from ", "to ", "leeds", " york ", "14", ":", "30", "/", "-", ".", ",", "£", "p", "pm", "half ", "past ", "an ",
        "hour ",
        "quarter ", "not ", "between ", "and ", "(", ")", "LDS", "99999999999999999999", "999999999", "0", "00", "nov ",
        "tue ",
        "the ", "22nd ", "twenty ", "hundred ", "a ", "last ", "week ", "ago ", "cancelled ", "→", "->", "½", "\u{0}",
        "\n",
        "\u{202E}", "\u{200D}", "e\u{301}\u{301}", "1️⃣", "１", "٣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👨‍👩‍👧", "ﷺ", "İ", "ß", "Ǆ", "ﬁ", "\u{FFFD}", "²",
        "Ⅷ", "一", "۲", "'", "’", "\r\n", "\u{2028}",
        "+", "=", ">", "<", "%", "#", "@", "http:", "://", " ", "  ", "", "st", "x", "i", "th", "z",
    ]

    private func readAll(_ text: String) -> Int {
        var slots = 0
        for slot in [nil, Conversation.Slot.destination, .fare, .delay] {
            let reading = Notation.sentences.read(text, expecting: slot)
            slots += reading.slots.count
            for slot in reading.slots {
                guard let span = reading.span(of: slot) else { continue }
                if span.upperBound > text.unicodeScalars.count {
                    Issue.record("\(span) is outside of \(text.debugDescription)")
                }
            }
        }
        _ = Notation.sentences.dates.read(text)
        _ = TimeReader().read(text)
        _ = TimeReader().read(text, choosingFrom: [])
        _ = DelayReader().read(text)
        _ = FareReader().read(text)
        _ = TicketReader().readClass(text)
        _ = TicketReader().readType(text)
        _ = StationReader().read(text)
        _ = StationReader().read(text, choosingFrom: [])
        _ = JourneyReader().read(text)
        _ = CivilDate(stored: text)
        _ = CivilTime(stored: text)
        return slots
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>) func patchworkNeverTraps(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var slots = 0
        for _ in 0..<40 {
            let count = Int.random(in: 0...14, using: &random)
            let text = (0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined()
            slots += readAll(text)
        }
        #expect(slots > 0)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func anyScalarsNeverTrap(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<40 {
            var text = ""
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                let limit = Bool.random(using: &random) ? UInt32(0x250) : 0x10FFFF
                if let scalar = Unicode.Scalar(UInt32.random(in: 0...limit, using: &random)) {
                    text.unicodeScalars.append(scalar)
                }
            }
            _ = readAll(text)
        }
    }

    /// Every beginning of every written input, every other one with a character taken out.
    @Test func brokenInputsNeverTrap() {
        for (text, _) in SentenceReaderTests.table + JourneyReaderTests.table {
            for (place, end) in text.indices.enumerated() {
                var broken = text
                if place % 2 == 0 { broken.remove(at: end) } else { broken.removeSubrange(end...) }
                _ = Notation.sentences.read(broken, expecting: place % 4 < 2 ? .fare : nil)
            }
        }
    }

    @Test(arguments: [
        ("from leeds to york ", 3000), ("9", 100_000), ("1 ", 50_000), ("a", 100_000), ("not leeds ", 5000),
        ("newcastel ", 5000), ("\u{301}", 100_000), ("1️⃣", 20_000), ("london-", 5000), ("> ", 50_000),
        ("between leeds and ", 2000), ("\u{0}", 100_000), ("مرحبا ", 10_000), ("leeds\n", 20_000),
        ("park road hill green ", 3000), ("qwertyuiop ", 3000),
    ])
    func longInputsTakeBoundedTime(piece: String, times: Int) {
        let text = String(repeating: piece, count: times)
        let time = ContinuousClock().measure {
            for slot in [nil, Conversation.Slot.origin, .departure] {
                _ = Notation.sentences.read(text, expecting: slot)
            }
            _ = StationReader().read(text)
        }
        // Unoptimised, on a busy machine; optimised, a reading takes 1.3 ms at most.
        #expect(time < .seconds(60))
        #expect(Words(text).count <= 160)
    }

    /// What a message says after its first hundred or so words is not read, and what it says before is.
    @Test func theBeginningOfALongStoryIsRead() {
        let text =
            "the 14:30 from leeds to york was 40 minutes late. " + String(repeating: "it was awful. ", count: 400)
        #expect(Notation.of(Notation.sentences.read(text)) == "from=LDS, to=YRK, at=14:30, late=40")
    }
}
