extension Conversation {
    /// What is said while a claim is made; the wording is in `Texts+claims`.
    package indirect enum ClaimReply: Hashable, Sendable {
        case question(Slot)
        case stationChoice(Slot, [Station])
        case timeChoice([CivilTime])
        case summary(ClaimDraft)
        case submitted(reference: String)
        case cancelled
        case status([Claiming.Status])
        case withdrawal(Withdrawal)
        case menu
        case help(ClaimState?)
        case changeWhat

        /// What was made of the last message, said before what is asked.
        package enum Preface: Hashable, Sendable {
            /// The answers that were taken, in the draft as it is now.
            case noted([Slot], ClaimDraft)
            /// All the answers, when a question is asked again.
            case soFar(ClaimDraft)
            case dateUnreadable
            case dateFuture(CivilDate)
            case dateTooOld(CivilDate, windowDays: Int)
            case departureAhead(CivilTime)
            case timeUnreadable
            case delayNone, delayTooLong
            case fareOutOfRange
            case stationUnknown(nearest: [Station])
            case sameStation(Station)
            case neededFirst
            case firstQuestion
            case photoUnreadable
            case photoRefused(Media.Problem)
            case photoNoted
            case skipped
            /// Everything that a claim can do without.
            case skippedAll
            case withdrawal(Withdrawal)
        }
    }
}
