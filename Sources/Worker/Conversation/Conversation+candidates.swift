extension Conversation {
    /// The one-time code in a message, in ASCII digits: six digits anywhere, nil when there are none or two that differ.
    ///
    /// Understands `123 456`, `12 34 56`, `code: 123456` and full-width digits. Digits of a longer run, such as a phone
    /// number, are no code, so that such a message costs no try.
    package static func codeCandidate(in text: String) -> String? {
        let codes = Set(DigitChain.all(in: text).compactMap(code))
        return codes.count == 1 ? codes.first : nil
    }

    static func code(_ chain: DigitChain) -> String? {
        guard !chain.startsWithPlus else { return nil }
        let sizes = chain.groups.map(\.count)
        if sizes == [6] || sizes == [3, 3] { return chain.digits }
        if sizes == [2, 2, 2] || sizes == [1, 1, 1, 1, 1, 1] { return chain.hasOnlySpaces ? chain.digits : nil }
        // "123456 5 minutes ago" has a code; "07700 900123" has none.
        return chain.digits.count == 7 ? chain.groups.first { $0.count == 6 } : nil
    }

    /// The mobile number in a message, as E.164: UK ones in every usual form, others with `+` or `00`.
    ///
    /// Nil when there is none, more than one, or one that cannot receive a text message (UK landlines, 070 numbers).
    package static func phoneCandidate(in text: String) -> String? {
        let chains = DigitChain.all(in: text).filter { $0.digits.count >= 7 }
        guard chains.count == 1, let chain = chains.first else { return nil }
        return phoneNumber(chain.digits, isInternational: chain.startsWithPlus)
    }

    static func phoneNumber(_ digits: String, isInternational: Bool) -> String? {
        var number: String
        if isInternational {
            number = digits
        } else if digits.hasPrefix("00") {
            number = String(digits.dropFirst(2))
        } else if digits.hasPrefix("0") {
            number = "44" + digits.dropFirst()
        } else if digits.hasPrefix("44") {
            number = digits
        } else if digits.hasPrefix("7"), digits.count == 10 {
            number = "44" + digits
        } else {
            return nil
        }
        guard number.hasPrefix("44") else {
            return (8...15).contains(number.count) && !number.hasPrefix("0") ? "+" + number : nil
        }
        if number.hasPrefix("440") { number = "44" + number.dropFirst(3) }  // +44 (0)7700 900123
        guard number.count == 12, number.hasPrefix("447"), !number.hasPrefix("4470") else { return nil }
        return "+" + number
    }
}
