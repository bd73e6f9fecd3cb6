/// What is said of the answers to a claim's questions: what was made of them, and what could not be taken.
extension Texts {
    static func claimPreface(_ preface: Conversation.ClaimReply.Preface) -> String {
        switch preface {
        case .noted(let slots, let draft):
            "Noted: \(slots.map { answer($0, draft) }.joined(separator: ", "))."
        case .soFar(let draft):
            "So far: \(draft.answered.map { answer($0, draft) }.joined(separator: ", "))."
        case .dateUnreadable: "Sorry, that is not a date I can read."
        case .dateFuture(let date):
            "\(date.shown) has not come yet, and a claim is made after the journey."
        case .dateTooOld(let date, let days):
            "\(date.shown) is too long ago: claims are taken for journeys of the last \(days) days."
        case .departureAhead(let time):
            "\(time.shown) today has not come yet, and a claim is made after the journey."
        case .timeUnreadable: "Sorry, that is not a time of day."
        case .delayNone: "A claim is for a delay, so please say how late you were."
        case .delayTooLong: "That is more than a day. Please send the delay in hours and minutes."
        case .fareOutOfRange: "That cannot be the fare: it has to be an amount of up to \u{A3}1,000."
        case .stationUnknown(let nearest):
            nearest.isEmpty
                ? "Sorry, I do not know a station of that name."
                : "Sorry, I do not know a station of that name. Did you mean \(nearest.map(\.name).joined(separator: " or "))?"
        case .sameStation(let station): "A journey cannot begin and end at \(station.name)."
        case .neededFirst: "Sorry, a claim cannot be made without this."
        case .firstQuestion: "This is the first question."
        case .photoUnreadable:
            "Sorry, I can only use a photo (JPEG, PNG or WebP) or a PDF of your ticket."
        case .photoRefused(.notATicket): claimPreface(.photoUnreadable)
        case .photoRefused(.tooLarge): "Sorry, that file is too large: 16 MB at most. Please send a smaller one."
        case .photoRefused(.unreachable): "Sorry, your file did not come through. Please send it again."
        case .photoNoted: "Thank you, your ticket is attached."
        case .skipped: "All right, we leave that out."
        case .skippedAll: "All right, we leave the rest out."
        case .withdrawal(let withdrawal): claimWithdrawal(withdrawal)
        }
    }

    static func answer(_ slot: Conversation.Slot, _ draft: Conversation.ClaimDraft) -> String {
        let answer: String? =
            switch slot {
            case .origin: draft.origin.map { "from \(station($0))" }
            case .destination: draft.destination.map { "to \(station($0))" }
            case .date: draft.date?.shown
            case .departure: draft.departure.map { "due to leave at \($0.shown)" }
            case .delay: draft.delay.map { $0.isCancelled ? $0.shown : "\($0.shown) late" }
            case .fare: draft.fare?.shown
            case .ticketClass: draft.ticketClass?.shown
            case .ticketType: draft.ticketType?.shown
            case .ticketPhoto: draft.photo.map { _ in "your ticket" }
            }
        return answer ?? "nothing"
    }

    static func station(_ code: String?) -> String {
        code.flatMap(StationIndex.shared.station(code:))?.description ?? "not given"
    }

    static func name(_ code: String) -> String {
        StationIndex.shared.station(code: code)?.name ?? code
    }
}
