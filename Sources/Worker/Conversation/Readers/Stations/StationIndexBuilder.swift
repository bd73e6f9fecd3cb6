/// Makes the arrays of a `StationIndex` from the list, once.
struct StationIndexBuilder {
    let list: [UInt8]
    private(set) var lineStarts: [UInt16] = []
    private(set) var lineEnds: [UInt16] = []
    private(set) var wordBytes: [UInt8] = []
    private(set) var wordStarts: [UInt16] = []
    private(set) var wordLetters: [UInt32] = []
    private(set) var nameLetters: [UInt32] = []
    private(set) var nameWords: [UInt16] = []
    private(set) var nameWordStarts: [UInt16] = []
    private(set) var wordStations: [UInt16] = []
    private(set) var wordStationStarts: [UInt16] = []

    init(list: [UInt8]) { self.list = list }

    mutating func build() {
        readLines()
        // Every word of every name, in plain form, with the name it stands in.
        var plain: [UInt8] = []
        var words: [(bytes: Range<Int>, isBracketed: Bool)] = []
        var starts = [0]
        for station in lineStarts.indices {
            let first = plain.count
            StationWords.cut(list[(Int(lineStarts[station]) + 4)..<Int(lineEnds[station])]) { word, isBracketed in
                words.append((plain.count..<plain.count + word.count, isBracketed))
                plain += word
            }
            starts.append(words.count)
            nameLetters.append(EditDistance.letters(plain[first...]))
        }
        nameWords = [UInt16](repeating: 0, count: words.count)
        nameWordStarts = starts.map { UInt16($0) }
        number(words, plain)
        post()
    }

    private mutating func readLines() {
        var start = 0
        for index in list.indices where list[index] == UInt8(ascii: "\n") {
            // The heading has no code of three letters.
            if index - start > 4, list[start + 3] == UInt8(ascii: ","), start > 0 {
                lineStarts.append(UInt16(start))
                lineEnds.append(UInt16(list[index - 1] == UInt8(ascii: "\r") ? index - 1 : index))
            }
            start = index + 1
        }
    }

    /// Gives each different word a number in alphabetical order.
    private mutating func number(_ words: [(bytes: Range<Int>, isBracketed: Bool)], _ plain: [UInt8]) {
        let order = words.indices.sorted {
            plain[words[$0].bytes].lexicographicallyPrecedes(plain[words[$1].bytes])
        }
        var last: ArraySlice<UInt8> = []
        for position in order {
            let word = plain[words[position].bytes]
            if !word.elementsEqual(last) || wordStarts.isEmpty {
                wordStarts.append(UInt16(wordBytes.count))
                wordLetters.append(EditDistance.letters(word))
                wordBytes += word
                last = word
            }
            nameWords[position] = UInt16(wordStarts.count - 1) | (words[position].isBracketed ? 0x8000 : 0)
        }
        wordStarts.append(UInt16(wordBytes.count))
    }

    /// Lists the stations of each word, by counting.
    private mutating func post() {
        var next = [Int](repeating: 0, count: wordStarts.count)
        for word in nameWords { next[Int(word & 0x7FFF) + 1] += 1 }
        for word in 1..<next.count { next[word] += next[word - 1] }
        wordStationStarts = next.map { UInt16($0) }
        wordStations = [UInt16](repeating: 0, count: nameWords.count)
        for station in lineStarts.indices {
            for position in Int(nameWordStarts[station])..<Int(nameWordStarts[station + 1]) {
                let word = Int(nameWords[position] & 0x7FFF)
                wordStations[next[word]] = UInt16(station)
                next[word] += 1
            }
        }
    }
}
