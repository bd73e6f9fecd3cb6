/// A word, a number or a mark of a message, in the plain form in which readers compare it.
struct Token: Hashable {
    enum Kind: Hashable { case word, number, mark }

    var kind: Kind
    /// Lower case, without accents; digits of any script as ASCII ones.
    var text: String
    /// Where it stands, in Unicode scalars of the message.
    var span: Range<Int>
    /// Nothing stands between this and the token before: `2pm` is two tokens, the second glued.
    var isGlued = false
    /// A word all in capitals.
    var isCapital = false

    /// What stands where a message has ended.
    static let end = Token(kind: .mark, text: "", span: 0..<0)

    var isEnd: Bool { text.isEmpty }

    /// The value of a number; nil for words and for more than nine digits.
    var value: Int? { kind == .number ? number(ofDigits: text.utf8) : nil }

    /// How many digits a number is written in.
    var digits: Int { kind == .number ? text.utf8.count : 0 }
}
