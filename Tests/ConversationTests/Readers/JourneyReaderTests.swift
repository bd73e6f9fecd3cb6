import TestSupport
import Testing

@testable import Conversation

@Suite struct JourneyReaderTests {
    static let table: [(String, String)] = [
        ("leeds to york", "LDS>YRK"), ("from leeds to york", "LDS>YRK"), ("york from leeds", "LDS>YRK"),
        ("to york from leeds", "LDS>YRK"), ("leeds - york", "LDS>YRK"), ("Leeds-York", "LDS>YRK"),
        ("Leeds – York", "LDS>YRK"), ("Leeds → York", "LDS>YRK"), ("Leeds->York", "LDS>YRK"),
        ("Leeds > York", "LDS>YRK"),
        ("KGX EDB", "KGX>EDB"), ("kgx edb", "KGX>EDB"), ("KGX-EDB", "KGX>EDB"), ("KGX/EDB", "KGX>EDB"),
        ("leeds york", "LDS>YRK"), ("Leeds, York", "LDS>YRK"), ("Leeds\nYork", "LDS>YRK"), ("kgx to edb", "KGX>EDB"),
        ("From: Leeds To: York", "LDS>YRK"), ("from Leeds\nto York", "LDS>YRK"), ("LEEDS TO YORK", "LDS>YRK"),
        ("London Kings Cross Edinburgh Waverley", "KGX>EDB"), ("Leeds (LDS) to York (YRK)", "LDS>YRK"),
        ("between Leeds and York", "LDS>YRK"), ("between Pontypool and New Inn and Newcastle", "PPL>NCL"),
        // Names with words in them that join other names.
        ("Stoke-on-Trent", ">@SOT"), ("Stoke-on-Trent to Leeds", "SOT>LDS"), ("Stoke-on-Trent - Leeds", "SOT>LDS"),
        ("Pontypool and New Inn to Newcastle", "PPL>NCL"), ("harrow-on-the-hill to leigh-on-sea", "HOH>LES"),
        ("from Hall i' th' Wood to Kirkby in Ashfield", "HID>KKB"),
        ("Newton for Hyde to Ravenglass for Eskdale", "NWN>RAV"),
        ("Grange-over-Sands from Barrow-in-Furness", "BIF>GOS"), ("Langwith - Whaley Thorns to Leeds", "LAG>LDS"),
        ("march to ely", "MCH>ELY"), ("Reading to Battle", "RDG>BAT"),
        // Text around them.
        ("Leeds to York to see my mum", "LDS>YRK"), ("I was going from Leeds to York to work", "LDS>YRK"),
        ("my train from leeds to york was late", "LDS>YRK"), ("I left Leeds and arrived at York", "LDS>YRK"),
        ("got on at Leeds, got off at York", "LDS>YRK"), ("travelling to York from Leeds station", "LDS>YRK"),
        ("the train from Leeds for York", "LDS>YRK"), ("Leeds to York via Hull", "LDS>YRK"),
        ("leeds to york to hull", "LDS>HUL"), ("Leeds to York and back to Leeds", "LDS>YRK"),
        ("to be honest I came from Leeds to York", "LDS>YRK"), ("late to york from leeds", "LDS>YRK"),
        // One end only.
        ("from Leeds", "LDS>"), ("to York", ">YRK"), ("to work from leeds", "LDS>"), ("heading towards York", ">YRK"),
        ("it was leeds", ">@LDS"), ("Leeds", ">@LDS"), ("I hate trains", ">"), ("", ">"),
        ("from the start to the end", ">"),
        // What is ruled out.
        ("from Leeds not York", "LDS>!YRK"), ("from Leeds, not from York", "LDS>!YRK"),
        ("not Leeds but York", ">@YRK!LDS"),
        ("to York instead of Hull", ">YRK!HUL"), ("to York rather than Hull", ">YRK!HUL"),
        // Several, misspelt, unknown.
        ("newport to york", "NWE|NWP>YRK"), ("Birmingham to Leeds", "BHM|BMO|BSW|BHI>LDS"),
        ("leads to yrk", "LDS>YRK"), ("from newcastel to edinburg", "NCL>EDB"), ("man picc to kings x", "MAN>KGX"),
        ("from narnia to york", "?>YRK"), ("from york to narnia", "YRK>?"),
        ("leeds to leeds", "LDS>LDS="),
    ]

    static func notation(_ journey: Journey) -> String {
        func end(_ end: Journey.End?) -> String {
            let text = end.map { Notation.of($0.reading) } ?? ""
            return text.hasPrefix("?") ? "?" : text
        }
        var text = end(journey.origin) + ">" + end(journey.destination)
        if let station = journey.station { text += "@" + end(station) }
        if !journey.rejected.isEmpty { text += "!" + journey.rejected.map(\.code).joined(separator: "|") }
        if journey.isNoJourney { text += "=" }
        return text
    }

    @Test func everyJourneyIsRead() {
        #expect(Self.table.count >= 60)
        for (text, expected) in Self.table {
            #expect(Self.notation(JourneyReader().read(text)) == expected, "\(text)")
        }
    }

    /// Every pair of stations is read in every form; which pairs, a seed decides.
    @Test func everyPairIsRead() {
        var random = SplitMix64(seed: 11)
        let index = StationIndex.shared
        for number in stride(from: 0, to: index.count, by: 3) {
            let from = index[number]
            let to = index[Int.random(in: 0..<index.count, using: &random)]
            guard from != to else { continue }
            for text in [
                "\(from.name) to \(to.name)", "from \(from) to \(to)", "\(to.name) from \(from.name)",
                "\(from.name) → \(to.name)",
            ] {
                let journey = JourneyReader().read(text)
                guard journey.origin?.value == from, journey.destination?.value == to else {
                    Issue.record("\(text) is read as \(Self.notation(journey))")
                    continue
                }
            }
        }
    }
}
