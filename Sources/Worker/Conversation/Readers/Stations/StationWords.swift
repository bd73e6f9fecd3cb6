/// The plain form in which words of station names are compared.
enum StationWords {
    /// Words that tell no two stations apart, in the list and in what people write.
    static let unimportant: Set<String> = [
        "and", "the", "on", "upon", "in", "by", "of", "for", "rail", "railway", "station", "stn", "train", "trains",
    ]

    /// One way of writing for words that have several; both sides are read so.
    static let synonyms: [String: String] = [
        "street": "st", "saint": "st", "str": "st", "sant": "st", "road": "rd", "junction": "jn", "jct": "jn",
        "junc": "jn", "jnc": "jn", "jctn": "jn", "x": "cross", "intl": "international", "pkwy": "parkway",
        "pkway": "parkway", "nth": "north", "sth": "south", "gt": "great", "mkt": "market", "bham": "birmingham",
        "brum": "birmingham", "birm": "birmingham", "man": "manchester", "manc": "manchester",
        "manch": "manchester", "mcr": "manchester", "lpool": "liverpool", "ldn": "london", "lon": "london",
        "vic": "victoria", "nottm": "nottingham", "notts": "nottingham", "soton": "southampton",
        "pboro": "peterborough", "newc": "newcastle", "edin": "edinburgh", "edinb": "edinburgh",
        "edinborough": "edinburgh", "edinboro": "edinburgh", "edinbrough": "edinburgh", "edinburg": "edinburgh",
        "glas": "glasgow", "ctl": "central", "cen": "central",
    ]

    /// Cuts an ASCII name of the list into plain words.
    static func cut(_ name: ArraySlice<UInt8>, _ body: (_ word: [UInt8], _ isBracketed: Bool) -> Void) {
        var word: [UInt8] = []
        var isBracketed = false
        func end() {
            if let plain = plain(String(decoding: word, as: UTF8.self)) { body([UInt8](plain.utf8), isBracketed) }
            word.removeAll(keepingCapacity: true)
        }
        for byte in name {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): word.append(byte | 0x20)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): word.append(byte)
            case UInt8(ascii: "'"): continue
            default:
                end()
                if byte == UInt8(ascii: "(") { isBracketed = true }
                if byte == UInt8(ascii: ")") { isBracketed = false }
            }
        }
        end()
    }

    /// The plain form of a word in small letters; nil for one that tells nothing.
    static func plain(_ word: String) -> String? {
        word.isEmpty || unimportant.contains(word) ? nil : synonyms[word] ?? word
    }

    /// The plain words of some tokens of a message: what stands between words of one name does not count.
    static func plain(_ tokens: ArraySlice<Token>) -> [String] {
        tokens.compactMap { $0.kind == .mark ? nil : plain($0.text) }
    }
}
