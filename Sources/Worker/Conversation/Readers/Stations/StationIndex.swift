/// The stations of Great Britain, by code and by the words of their names.
///
/// Flat arrays of small integers over the embedded list: some 130 KB, no strings. Words are compared as
/// `StationWords` writes them.
package struct StationIndex: Sendable {
    /// The list that comes with the program.
    package static let shared = StationIndex(list: PackageResources.stations_csv)

    /// The list as it is written: `CRS,Name` a line, in the order of the codes, under a heading.
    private let list: [UInt8]
    /// Where a station's line starts in the list.
    private let lineStarts: [UInt16]
    private let lineEnds: [UInt16]
    /// The different words of all names in alphabetical order, one after the other, and where each starts.
    let wordBytes: [UInt8]
    let wordStarts: [UInt16]
    /// The letters of each word and of each whole name, for `EditDistance.mayBeWithin`.
    let wordLetters: [UInt32]
    let nameLetters: [UInt32]
    /// The words of each name, in order.
    private let nameWords: [UInt16]
    private let nameWordStarts: [UInt16]
    /// The stations that each word occurs in.
    private let wordStations: [UInt16]
    private let wordStationStarts: [UInt16]

    package var count: Int { lineStarts.count }
    var wordCount: Int { wordStarts.count - 1 }

    /// Marks a word in brackets: Newport (Essex).
    private static let bracketed: UInt16 = 0x8000

    init(list: [UInt8]) {
        var index = StationIndexBuilder(list: list)
        index.build()
        self.list = list
        lineStarts = index.lineStarts
        lineEnds = index.lineEnds
        wordBytes = index.wordBytes
        wordStarts = index.wordStarts
        wordLetters = index.wordLetters
        nameLetters = index.nameLetters
        nameWords = index.nameWords
        nameWordStarts = index.nameWordStarts
        wordStations = index.wordStations
        wordStationStarts = index.wordStationStarts
    }

    /// The memory of the index, in bytes, without the embedded list.
    package var size: Int {
        wordBytes.count + 4 * (wordLetters.count + nameLetters.count)
            + 2
            * (lineStarts.count + lineEnds.count + wordStarts.count + nameWords.count + nameWordStarts.count
                + wordStations.count + wordStationStarts.count)
    }

    // MARK: - Stations by number

    package subscript(number: Int) -> Station {
        let line = list[Int(lineStarts[number])..<Int(lineEnds[number])]
        return Station(
            code: String(decoding: line.prefix(3), as: UTF8.self),
            name: String(decoding: line.dropFirst(4), as: UTF8.self))
    }

    /// The station with a code, in small or capital letters.
    package func station(code: String) -> Station? { number(code: code).map { self[$0] } }

    /// The number of the station with a code; the list is in the order of the codes.
    func number(code: String) -> Int? {
        let code = code.uppercased().utf8.map { $0 }
        guard code.count == 3 else { return nil }
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            let start = Int(lineStarts[middle])
            if list[start..<start + 3].lexicographicallyPrecedes(code) { low = middle + 1 } else { high = middle }
        }
        guard low < count else { return nil }
        let start = Int(lineStarts[low])
        return list[start..<start + 3].elementsEqual(code) ? low : nil
    }

    /// The words of a station's name, and whether each stands in brackets.
    func words(of station: Int) -> [(word: Int, isBracketed: Bool)] {
        nameWords[Int(nameWordStarts[station])..<Int(nameWordStarts[station + 1])].map {
            (Int($0 & ~Self.bracketed), $0 & Self.bracketed != 0)
        }
    }

    func wordCount(of station: Int) -> Int { Int(nameWordStarts[station + 1] - nameWordStarts[station]) }

    /// The stations in whose name a word occurs.
    func stations(withWord word: Int) -> ArraySlice<UInt16> {
        wordStations[Int(wordStationStarts[word])..<Int(wordStationStarts[word + 1])]
    }

    /// The bytes of a word.
    func bytes(ofWord word: Int) -> ArraySlice<UInt8> {
        wordBytes[Int(wordStarts[word])..<Int(wordStarts[word + 1])]
    }

    /// The words that start with these bytes, which is one range, since they are sorted.
    func words(startingWith prefix: [UInt8]) -> Range<Int> {
        func firstWord(where isPast: (ArraySlice<UInt8>) -> Bool) -> Int {
            var (low, high) = (0, wordCount)
            while low < high {
                let middle = (low + high) / 2
                if isPast(bytes(ofWord: middle)) { high = middle } else { low = middle + 1 }
            }
            return low
        }
        let start = firstWord { !$0.lexicographicallyPrecedes(prefix) }
        let end = firstWord { !$0.starts(with: prefix) && !$0.lexicographicallyPrecedes(prefix) }
        return start..<max(start, end)
    }

    /// The number of a word; nil when no name has it.
    func word(_ bytes: [UInt8]) -> Int? {
        let words = words(startingWith: bytes)
        guard let first = words.first, self.bytes(ofWord: first).count == bytes.count else { return nil }
        return first
    }
}
