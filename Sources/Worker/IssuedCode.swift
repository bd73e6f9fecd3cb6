import Common

/// A one-time code that was committed, without the code: what it is found again from, to be sent.
struct IssuedCode: Hashable, Sendable {
    var challenge: UUID
    var salt: [UInt8]
    var user: UUID
    /// What is stored to check guesses with; it tells which key the code was made with.
    var mac: [UInt8]
}
