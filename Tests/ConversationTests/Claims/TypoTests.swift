import TestSupport
import Testing

@testable import Conversation

/// A slip of the thumb is understood where only one thing can be meant, and asks again where not.
@Suite struct TypoTests {
    @Test(arguments: [
        ("leds to yrok", "LDS", "YRK"), ("leeds to yorkk", "LDS", "YRK"), ("Leeeds to Yrk", "LDS", "YRK"),
        ("frm leeds to york", "LDS", "YRK"), ("harogate to leeds", "HGT", "LDS"),
        ("from harogate to yrok", "HGT", "YRK"),
    ]) func misspeltStationsBesideTo(text: String, origin: String, destination: String) {
        var chat = ClaimChat()
        #expect(chat.send(text).contains("Noted"))
        #expect(chat.draft?.origin == origin && chat.draft?.destination == destination)
    }

    @Test(arguments: [
        (Conversation.Slot.date, "yesturday", "Sat 21 Nov 2026"), (.date, "lst tuesday", "Tue 17 Nov 2026"),
        (.date, "tusday", "Tue 17 Nov 2026"), (.departure, "hlaf past two pm", "14:30"),
        (.delay, "fourty minutes", "40 minutes"), (.delay, "40 mintues", "40 minutes"),
        (.delay, "canceled", "cancelled"), (.fare, "12,50", "£12.50"), (.fare, "£12..50", "£12.50"),
        (.fare, "twelve punds", "£12.00"), (.ticketClass, "standrad", "standard"), (.ticketClass, "frist", "first"),
        (.ticketType, "advanse", "advance"), (.ticketType, "anytme", "anytime"), (.ticketType, "of-peak", "off-peak"),
    ]) func misspeltAnswers(slot: Conversation.Slot, text: String, noted: String) {
        var chat = ClaimChat()
        for (question, answer) in [
            (nil, "leeds to york"), (Conversation.Slot.date, "yesterday"), (.departure, "14:30"),
            (.delay, "40 minutes"), (.fare, "skip"), (.ticketClass, "skip"), (.ticketType, "skip"),
        ] {
            if question == slot { break }
            chat.send(answer)
        }
        #expect(chat.claimState == .collecting(slot))
        let reply = chat.send(text)
        #expect(reply.contains("Noted") && reply.contains(noted), "\(reply)")
    }

    /// What is a word of its own stays what it is.
    @Test(arguments: [
        "reason", "sundry", "there", "sound", "night", "minister", "march", "past", "half", "sunday", "leeds",
        "penzance",
        "quarters", "standing", "turned", "simple", "jingle", "fist", "august", "hospital",
    ]) func wordsStayWhatTheyAre(word: String) {
        #expect(Words(word)[0].text == word)
    }

    /// Correcting a word never changes one that was corrected, and needs one clear winner.
    @Test(arguments: 1...3 as ClosedRange<UInt64>) func correctionIsStable(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        for _ in 0..<3000 {
            var word = Array(
                ["yesterday", "tuesday", "cancelled", "standard", "minutes", "half"].randomElement(using: &random) ?? ""
            )
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                word[Int.random(in: 0..<word.count, using: &random)] = letters.randomElement(using: &random) ?? "x"
            }
            let once = Spelling.corrected(String(word))
            #expect(Spelling.corrected(once) == once, "seed \(seed): \(String(word)) -> \(once)")
        }
    }
}
