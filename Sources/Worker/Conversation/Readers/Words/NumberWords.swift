/// Numbers as people write them out: `five`, `forty five`, `twenty-one`, `a hundred and twenty`.
enum NumberWords {
    private static let units: [String: Int] = [
        "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
        "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
        "seventeen": 17, "eighteen": 18, "nineteen": 19,
    ]
    private static let tens: [String: Int] = [
        "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
        "ninety": 90,
    ]

    /// The number that starts at a place, in digits or in words, and where it ends; at most 999 when in words.
    static func read(_ words: Words, at index: Int) -> (value: Int, end: Int)? {
        if let value = words[index].value { return (value, index + 1) }
        return written(words, at: index)
    }

    /// The number that starts at a place, in words only.
    static func written(_ words: Words, at index: Int) -> (value: Int, end: Int)? {
        var hundreds: Int?
        var next = index
        if words[index + 1].text == "hundred" {
            hundreds = words[index].text == "a" ? 1 : units[words[index].text]
            if let count = hundreds, !(1...9).contains(count) { hundreds = nil }
            if hundreds != nil { next = index + 2 }
        } else if words[index].text == "hundred" {
            hundreds = 1
            next = index + 1
        }
        if hundreds != nil, words[next].text == "and", belowHundred(words, at: next + 1) != nil { next += 1 }
        let rest = belowHundred(words, at: next)
        guard hundreds != nil || rest != nil else { return nil }
        return ((hundreds ?? 0) * 100 + (rest?.value ?? 0), rest?.end ?? next)
    }

    private static func belowHundred(_ words: Words, at index: Int) -> (value: Int, end: Int)? {
        if let ten = tens[words[index].text] {
            let unit = words[index + 1].text == "-" && words[index + 1].isGlued ? index + 2 : index + 1
            if let one = units[words[unit].text], (1...9).contains(one) { return (ten + one, unit + 1) }
            return (ten, index + 1)
        }
        if let unit = units[words[index].text] { return (unit, index + 1) }
        return nil
    }
}
