import TestSupport
import Testing

@testable import Conversation

@Suite struct StationReaderTests {
    static let terminals = "KGX|STP|EUS|PAD|WAT|VIC|LST|LBG|CHX|CST|FST|MYB|BFR"

    static let table: [(String, String)] = [
        // Whole names and codes.
        ("Leeds", "LDS"), ("leeds", "LDS"), ("LEEDS", "LDS"), ("LDS", "LDS"), ("lds", "LDS"), ("York", "YRK"),
        ("Reading", "RDG"), ("Oxford", "OXF"), ("Cambridge", "CBG"), ("Hull", "HUL"), ("Brighton", "BTN"),
        ("London Kings Cross", "KGX"), ("London King's Cross", "KGX"), ("KGX", "KGX"), ("Clapham Junction", "CLJ"),
        ("London Bridge", "LBG"), ("Newcastle", "NCL"), ("Leeds (LDS)", "LDS"), ("Newport (Essex)", "NWE"),
        ("Adlington (Lancashire)", "ADL"), ("Hall i' th' Wood", "HID"), ("Pontypool and New Inn", "PPL"),
        ("Pontypool & New Inn", "PPL"), ("St James' Park", "SJP"), ("Harrow-on-the-Hill", "HOH"),
        ("harrow on the hill", "HOH"), ("Stoke-on-Trent", "SOT"), ("stoke on trent", "SOT"), ("Richmond", "RMD"),
        ("Battle", "BAT"), ("Deal", "DEA"), ("March", "MCH"), ("Ash", "ASH"), ("Lee", "LEE"), ("Ely", "ELY"),
        ("Langwith - Whaley Thorns", "LAG"), ("Heathrow Terminal 5 Rail", "HWV"),
        // With words around them.
        ("Leeds please", "LDS"), ("it was leeds", "LDS"), ("Leeds station", "LDS"), ("the York train station", "YRK"),
        ("from Leeds", "LDS"), ("I think it was Reading", "RDG"), ("*Leeds*", "LDS"), ("Leeds.", "LDS"),
        ("  leeds \n", "LDS"), ("“Leeds”", "LDS"), ("Ｌｅｅｄｓ", "LDS"), ("Léeds", "LDS"), ("leeds 🚂", "LDS"),
        // Short forms.
        ("Kings X", "KGX"), ("kings cross", "KGX"), ("London KX", "KGX"),
        ("Bham New St", "BHM"), ("Birmingham New Street", "BHM"), ("B'ham New Street", "BHM"), ("New Street", "BHM"),
        ("Brum New Street", "BHM"), ("Edinburgh", "EDB"), ("Edinburgh Waverley", "EDB"), ("waverley", "EDB"),
        ("Man Picc", "MAN"), ("Manchester Picc", "MAN"), ("Manc Piccadilly", "MAN"), ("Piccadilly", "MAN"),
        ("Man Vic", "MCV"), ("manchester oxford rd", "MCO"), ("St Pancras", "STP"), ("Saint Pancras", "STP"),
        ("St. Pancras International", "STP"), ("Euston", "EUS"), ("Paddington", "PAD"), ("Liverpool Street", "LST"),
        ("Liverpool St", "LST"), ("Lime Street", "LIV"), ("Liverpool Lime St", "LIV"), ("Temple Meads", "BRI"),
        ("Bristol TM", "BRI"), ("Bath", "BTH"), ("Stoke", "SOT"), ("Milton Keynes", "MKC"), ("Gatwick", "GTW"),
        ("Heathrow T5", "HWV"), ("heathrow terminal 5", "HWV"), ("Birmingham Intl", "BHI"), ("Glasgow Cen", "GLC"),
        ("Glasgow Queen St", "GLQ"), ("Clapham Jn", "CLJ"), ("clapham jct", "CLJ"), ("Wolves", "WVH"),
        ("Soton Central", "SOU"), ("Leamington", "LMS"), ("Kings Lynn", "KLN"), ("Euston London", "EUS"),
        ("Marylebone", "MYB"), ("Fenchurch Street", "FST"), ("Tunbridge Wells", "TBW"),
        ("Charing Cross Glasgow", "CHC"),
        // In any order.
        ("Cross Kings", "KGX"), ("Piccadilly Manchester", "MAN"), ("street new birmingham", "BHM"),
        ("Park James St", "SJP"), ("Essex Newport", "NWE"),
        // Typing errors.
        ("Leads", "LDS"), ("Leeeds", "LDS"), ("Newcastel", "NCL"), ("Newcstle", "NCL"), ("Edinburg", "EDB"),
        ("Edinborough", "EDB"), ("Stevanage", "SVG"), ("Peterbrough", "PBO"), ("Peterborogh", "PBO"),
        ("Manchester Picadilly", "MAN"), ("Sheffeild", "SHF"), ("Shefield", "SHF|SNF"), ("Nottingam", "NOT"),
        ("Brighten", "BTN"), ("Brigton", "BRX|BTN"),
        ("kingscross", "KGX"), ("newstreet", "BHM"), ("milton keyns", "MKC"), ("Readng", "RDG"), ("Donncaster", "DON"),
        ("Leciester", "LEI"), ("Wolverhamton", "WVH"), ("Swindn", "SWI"), ("Chelmsfrod", "CHM"),
        ("Huddersfeild", "HUD"),
        ("Darlingtn", "DAR"), ("Aberdeeen", "ABD"), ("Yorkk", "YRK"),
        // Several.
        ("London", terminals), ("london terminals", terminals), ("LONDON!", terminals),
        ("Manchester", "MAN|MCV|MCO|MIA"), ("Birmingham", "BHM|BMO|BSW|BHI"), ("Glasgow", "GLC|GLQ"),
        ("Newport", "NWE|NWP"), ("Waterloo", "WAT|WAE|WLO"), ("Heathrow", "HXX|HAF|HWV"), ("Cardiff", "CDF|CDQ|CDB"),
        ("Gillingham", "GIL|GLM"), ("Queens Park", "QPK|QPW"), ("Bradford", "BDI|BDQ"), ("Bootle", "BOC|BNW|BOT"),
        ("Queen Street", "GLQ|CDQ"), ("Charing Cross", "CHC|CHX"), ("Ashford", "AFK|AFS"), ("Bentley", "BTY|BYK|GRB"),
        // None.
        ("Narnia", "?BAA|BNS|CRF"), ("", "?"), ("🚂", "?"), ("12345", "?"), ("zz", "?"),
    ]

    @Test func everyStationIsRead() {
        #expect(Self.table.count >= 120)
        for (text, expected) in Self.table {
            #expect(Notation.of(StationReader().read(text)) == expected, "\(text)")
        }
    }

    /// The reading of every station's name and code, in every usual form, finds that station.
    @Test func everyNameAndEveryCodeFindsItsStation() throws {
        let index = StationIndex.shared
        #expect(index.count == 2599)
        for number in 0..<index.count {
            let station = index[number]
            for text in [station.name, station.code, station.description, station.name.lowercased()] {
                let reading = StationReader().read(text)
                guard reading == .value(station) else {
                    Issue.record("\(text) is read as \(Notation.of(reading))")
                    continue
                }
            }
            #expect(index.station(code: station.code.lowercased()) == station)
        }
    }

    /// A typing error in a name of one long word never finds another station silently.
    @Test func misspeltNamesFindTheirStation() throws {
        var random = SplitMix64(seed: 7)
        var missed = 0
        var tried = 0
        for number in 0..<StationIndex.shared.count where number % 4 == 0 {
            let station = StationIndex.shared[number]
            guard station.name.allSatisfy(\.isLetter), station.name.count >= 8 else { continue }
            var letters = Array(station.name)
            let place = Int.random(in: 1..<letters.count - 1, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: letters.remove(at: place)
            case 1: letters.insert(letters[place], at: place)
            default: letters.swapAt(place, place - 1)
            }
            tried += 1
            switch StationReader().read(String(letters)) {
            case .value(let found) where found == station: continue
            case .choice(let stations) where stations.contains(station): continue
            default: missed += 1
            }
        }
        #expect(tried > 100)
        #expect(missed * 50 <= tried, "\(missed) of \(tried) missed")
    }

    @Test func aliasesAreStations() {
        for (name, codes) in StationAliases.codes {
            #expect(!codes.isEmpty)
            for code in codes { #expect(StationIndex.shared.station(code: code) != nil, "\(name): \(code)") }
            #expect(StationWords.plain(Words(name).tokens[...]).joined(separator: " ") == name)
        }
    }

    /// The answers to "which of these?".
    @Test(arguments: [
        ("1", "MAN"), ("2", "MCV"), ("3.", "MCO"), ("number 2", "MCV"), ("the first", "MAN"), ("second one", "MCV"),
        ("last", "MIA"), ("Victoria", "MCV"), ("piccadilly please", "MAN"), ("MCO", "MCO"), ("airport", "MIA"),
        ("9", "?"), ("Leeds", "LDS"),
    ])
    func oneOfSeveralIsChosen(text: String, expected: String) {
        let choices = ["MAN", "MCV", "MCO", "MIA"].compactMap(StationIndex.shared.station(code:))
        let reading = StationReader().read(text, choosingFrom: choices)
        #expect(Notation.of(reading).prefix(3) == expected)
    }

    /// A lookup takes less than a millisecond, also of a misspelt name and without optimisation; the median is taken, as
    /// the machine does other things too.
    @Test func aLookupTakesLessThanAMillisecond() throws {
        let reader = StationReader()
        var durations: [Duration] = []
        for number in stride(from: 0, to: StationIndex.shared.count, by: 20) {
            let station = StationIndex.shared[number]
            let name = station.name
            for text in [name, station.code, String(name.dropLast(2) + name.suffix(1))] {
                let start = ContinuousClock.now
                _ = reader.read(text)
                durations.append(.now - start)
            }
        }
        let median = durations.sorted()[durations.count / 2]
        print("a station's lookup: median \(median), longest \(durations.max() ?? .zero), of \(durations.count)")
        #expect(median < .milliseconds(1))
    }

    /// Small enough to be forgotten.
    @Test func theIndexIsSmall() {
        #expect(StationIndex.shared.size < 100_000)
    }
}
