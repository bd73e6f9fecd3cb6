/// What a reader made of a piece of text.
package enum Reading<Value: Hashable & Sendable, Refusal: Hashable & Sendable>: Hashable, Sendable {
    case value(Value)
    /// One of these, at least two; the passenger has to say which.
    case choice([Value])
    /// Read as an attempt at an answer that cannot be taken.
    case refused(Refusal)

    package var value: Value? { if case .value(let value) = self { value } else { nil } }
}

/// How sure a reading is.
package enum Certainty: Int, Hashable, Sendable, Comparable {
    /// It could be this, and the question asked for it, or nothing else claims it.
    case guessed
    /// Well formed, and in its usual company.
    case likely
    /// It says itself what it is: a pound sign, a month, "minutes late".
    case certain

    package static func < (left: Certainty, right: Certainty) -> Bool { left.rawValue < right.rawValue }
}

/// A reading, and where in the message it was found.
package struct Found<Value: Hashable & Sendable, Refusal: Hashable & Sendable>: Hashable, Sendable {
    package var reading: Reading<Value, Refusal>
    package var certainty: Certainty
    /// The text it was read from, in Unicode scalars of the message.
    package var span: Range<Int>

    package var value: Value? { reading.value }
}
