/// What is said while a claim is made.
extension Texts {
    static func claim(_ reply: Conversation.ClaimReply) -> String {
        switch reply {
        case .question(let slot): claimQuestion(slot)
        case .stationChoice(let slot, let stations): stationChoice(slot, stations)
        case .timeChoice(let times):
            "Was that \(times.map(\.shown).joined(separator: " or "))? Please reply am or pm, or send the time again."
        case .summary(let draft): claimSummary(draft)
        case .submitted(let reference):
            "Thank you. Your claim is stored under the reference \(reference). Reply STATUS to see how it stands."
        case .cancelled: "All right, that claim is dropped. Reply DELAY to start a new one."
        case .status(let claims): claimStatus(claims) + "\n\nReply DELAY to claim for another delay."
        case .withdrawal(let withdrawal): claimWithdrawal(withdrawal)
        case .menu: claimMenu()
        case .help(let state): claimHelp(state)
        case .changeWhat:
            """
            What should be changed? Send it as it should be, for example "it was 14:30" or "from Leeds, not York". \
            EDIT DATE asks for the date again, and so on with FROM, TO, TIME, DELAY, FARE, CLASS, TYPE and PHOTO. \
            CANCEL drops the claim.
            """
        }
    }

    // MARK: - Questions

    static func claimQuestion(_ slot: Conversation.Slot) -> String {
        switch slot {
        case .origin: "Where did you travel from, and where to? For example: Leeds to York."
        case .destination: "Where did your journey end? For example: York."
        case .date: "Which day did you travel? For example: yesterday, last Tuesday or 22/11."
        case .departure: "When was your train due to leave? For example: 14:30 or 2:30pm."
        case .delay:
            "How late did you arrive? For example: 40 minutes, an hour and a half, or cancelled."
        case .fare:
            """
            What did your ticket cost? For example: \u{A3}12.50. Reply SKIP if you do not know, or SKIP ALL to \
            go straight to the summary.
            """
        case .ticketClass: "Was it standard or first class? Reply SKIP if you do not know."
        case .ticketType:
            """
            Which type of ticket was it: anytime, off-peak, super off-peak, advance or season? Reply SKIP if you do \
            not know.
            """
        case .ticketPhoto:
            "Please send a photo or a PDF of your ticket, or reply SKIP to go on without one."
        }
    }

    static func stationChoice(_ slot: Conversation.Slot, _ stations: [Station]) -> String {
        let question =
            slot == .origin ? "Which station did you leave from?" : "Which station did you travel to?"
        let list = stations.enumerated().map { "\($0 + 1). \($1.name)" }.joined(separator: "\n")
        return
            "\(question)\n\n\(list)\n\nPlease reply with a number from the list, or with the station's name."
    }

    static func claimSummary(_ draft: Conversation.ClaimDraft) -> String {
        let ticket = [draft.fare?.shown, draft.ticketClass?.shown, draft.ticketType?.shown].compactMap {
            $0
        }
        return """
            Please check your claim:

            Journey: \(station(draft.origin)) to \(station(draft.destination))
            Date: \(draft.date?.shown ?? "not given")
            Due to leave: \(draft.departure?.shown ?? "not given")
            Delay: \(draft.delay?.shown ?? "not given")
            Ticket: \(ticket.isEmpty ? "not given" : ticket.joined(separator: ", "))
            Photo of the ticket: \(draft.photo == nil ? "none" : "attached")

            Is this right? Reply YES to send it, EDIT to change something, or CANCEL to drop it.
            """
    }

    // MARK: - The menu and help

    static func claimMenu() -> String {
        """
        You are registered. Tell us about a delayed journey in your own words, for example "the 14:30 from Leeds to \
        York yesterday was 40 minutes late". These words work too:

        DELAY: claim for a delay, step by step
        STATUS: your claims
        WITHDRAW and a reference: take a claim back
        SETTINGS: notifications, language and time zone
        HELP: what you can send
        TERMS: our terms
        LOGOUT: end this session
        STOP: hear nothing more from us
        DELETE MY DATA: delete all we hold about you
        """
    }

    /// What was said of a journey before there can be a claim.
    static func kept(_ slots: [Conversation.Slot], _ draft: Conversation.ClaimDraft) -> String {
        let answers = slots.filter { $0 != .ticketPhoto }.map { answer($0, draft) }
        let noted = answers.isEmpty ? "" : "Noted: \(answers.joined(separator: ", ")). "
        return noted + "We go on with your claim once you have registered."
    }

    static func claimHelp(_ state: Conversation.ClaimState?) -> String {
        let first: String
        switch state {
        case nil:
            first =
                """
                Tell us about a delayed journey, or reply DELAY to be asked step by step. STATUS shows your claims, \
                WITHDRAW and a reference takes one back. MENU shows all words.
                """
        case .collecting(let slot):
            first =
                "To go on with your claim, we need an answer. \(claimQuestion(slot))\n\nBACK asks the question before, CANCEL drops the claim, MENU keeps it for later."
        case .choosingStation:
            first =
                "Several stations have that name. Please reply with the number or the name of yours. BACK asks again, CANCEL drops the claim."
        case .choosingTime:
            first =
                "Please reply am for the morning or pm for the afternoon. BACK asks for the time again, CANCEL drops the claim."
        case .confirmingClaim:
            first =
                "Your claim is complete. Reply YES to send it, EDIT to change something, or CANCEL to drop it."
        }
        return first + "\n\n" + helpEverywhere()
    }

    /// The newest claims; more would not be read.
    private static let mostClaims = 5

    static func claimStatus(_ claims: [Conversation.Claiming.Status]) -> String {
        guard !claims.isEmpty else { return "You have made no claims yet." }
        let lines = claims.prefix(mostClaims).map { claim in
            let amount = claim.compensation.flatMap(Fare.init(pence:)).map { ", \($0.shown)" } ?? ""
            return """
                \(claim.reference): \(journey(claim)), \(progress(claim.progress))\(amount)
                """
        }
        let open = claims.prefix(mostClaims).first { $0.progress.isOpen }
        let hint =
            open.map { ["", "WITHDRAW and its reference, like WITHDRAW \($0.reference), takes a claim back."] } ?? []
        return "Your claims, newest first:\n\n" + (lines + hint).joined(separator: "\n")
    }

    static func claimWithdrawal(_ withdrawal: Conversation.Withdrawal) -> String {
        switch withdrawal {
        case .done(let reference): "Your claim \(reference) is withdrawn."
        case .unknown: "You have no claim with that reference. STATUS shows your claims."
        case .tooLate(let claim) where claim.progress == .withdrawn:
            "Your claim \(claim.reference) is withdrawn already."
        case .tooLate(let claim):
            "Your claim \(claim.reference) is \(progress(claim.progress)) and cannot be withdrawn any more."
        case .which(let claims):
            claims.first.map { first in
                """
                Which claim should be withdrawn? Reply WITHDRAW and its reference, like WITHDRAW \(first.reference).

                \(claims.prefix(mostClaims).map { "\($0.reference): \(journey($0))" }.joined(separator: "\n"))
                """
            } ?? "You have no claim that can be withdrawn. STATUS shows your claims."
        }
    }

    /// `Leeds to York, Sat 21 Nov 2026`.
    static func journey(_ claim: Conversation.Claiming.Status) -> String {
        "\(name(claim.origin)) to \(name(claim.destination)), \(claim.date.shown)"
    }

    private static func progress(_ progress: Conversation.Claiming.Progress) -> String {
        switch progress {
        case .submitted: "received"
        case .evaluating: "being checked"
        case .eligible: "accepted"
        case .ineligible: "not covered"
        case .paid: "paid"
        case .rejected: "turned down"
        case .withdrawn: "withdrawn"
        }
    }
}
