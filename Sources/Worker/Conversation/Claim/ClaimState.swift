extension Conversation {
    /// Where the making of a claim stands.
    package enum ClaimState: Hashable, Sendable {
        /// Asked for one answer.
        case collecting(Slot)
        /// Asked which of several stations (codes) is meant.
        case choosingStation(Slot, candidates: [String])
        /// Asked whether a time was in the morning or in the afternoon.
        case choosingTime([CivilTime])
        /// Shown everything, and asked whether it is right.
        case confirmingClaim

        /// The answer that is awaited; nil when all of them are shown.
        var slot: Slot? {
            switch self {
            case .collecting(let slot), .choosingStation(let slot, _): slot
            case .choosingTime: .departure
            case .confirmingClaim: nil
            }
        }
    }

    /// What the making of claims needs to know.
    package struct Claiming: Hashable, Sendable {
        /// Day and time in London when the message came.
        package var now: LondonTime.Local
        /// How many days back a journey may lie (`CLAIM_WINDOW_DAYS`).
        package var windowDays: Int
        /// The reference of the claim that this message may submit.
        package var reference: String
        /// The sender's claims, newest first.
        package var claims: [Status]

        package init(now: LondonTime.Local, windowDays: Int, reference: String, claims: [Status]) {
            self.now = now
            self.windowDays = windowDays
            self.reference = reference
            self.claims = claims
        }

        /// One claim, as STATUS shows it.
        package struct Status: Hashable, Sendable {
            package var reference: String
            /// Codes (CRS).
            package var origin: String
            package var destination: String
            package var date: CivilDate
            package var progress: Progress
            /// What is paid, in pence, once that is known.
            package var compensation: Int?

            package init(
                reference: String, origin: String, destination: String, date: CivilDate, progress: Progress,
                compensation: Int?
            ) {
                self.reference = reference
                self.origin = origin
                self.destination = destination
                self.date = date
                self.progress = progress
                self.compensation = compensation
            }
        }

        /// Named as in the database.
        package enum Progress: String, Hashable, Sendable, CaseIterable {
            case submitted, evaluating, eligible, ineligible, paid, rejected, withdrawn
        }
    }
}
