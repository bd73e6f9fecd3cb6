extension Conversation {
    /// What became of the wish to take a claim back.
    package enum Withdrawal: Hashable, Sendable {
        case done(reference: String)
        /// No claim of theirs has that reference.
        case unknown
        /// It is decided, or was withdrawn before.
        case tooLate(Claiming.Status)
        /// Not said which; of these one can be.
        case which([Claiming.Status])
    }

    /// Takes back the claim that is named, or the only one that is not decided when none is named.
    ///
    /// - Returns: the reply's part about it, and what is to be done.
    static func withdrawal(_ text: String, _ claiming: Claiming) -> (Withdrawal, [Effect]) {
        guard let reference = ClaimReference.find(in: text) else {
            return (.which(claiming.claims.filter(\.progress.isOpen)), [])
        }
        guard let claim = claiming.claims.first(where: { $0.reference == reference }) else { return (.unknown, []) }
        guard claim.progress.isOpen else { return (.tooLate(claim), []) }
        return (.done(reference: reference), [.withdrawClaim(reference: reference)])
    }
}

extension Conversation.Claiming.Progress {
    /// Not decided, and not withdrawn.
    package var isOpen: Bool {
        switch self {
        case .submitted, .evaluating: true
        case .eligible, .ineligible, .paid, .rejected, .withdrawn: false
        }
    }
}
