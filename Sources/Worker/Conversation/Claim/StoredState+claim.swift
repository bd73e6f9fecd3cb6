extension StoredState {
    static func name(of state: Conversation.ClaimState) -> String {
        switch state {
        case .collecting: "collecting"
        case .choosingStation: "choosingStation"
        case .choosingTime: "choosingTime"
        case .confirmingClaim: "confirmingClaim"
        }
    }

    static func fields(_ state: Conversation.ClaimState, _ draft: Conversation.ClaimDraft) -> [String:
        String]
    {
        var fields: [String: String] = [:]
        switch state {
        case .collecting(let slot): fields["slot"] = slot.rawValue
        case .choosingStation(let slot, let candidates):
            fields["slot"] = slot.rawValue
            fields["candidates"] = candidates.joined(separator: ",")
        case .choosingTime(let times):
            fields["candidates"] = times.map(\.description).joined(separator: ",")
        case .confirmingClaim: break
        }
        return fields.merging(self.fields(draft)) { _, answer in answer }
    }

    /// The answers, each under the name of its slot.
    static func fields(_ draft: Conversation.ClaimDraft) -> [String: String] {
        var fields: [String: String] = [:]
        fields["date"] = draft.date?.description
        fields["origin"] = draft.origin
        fields["destination"] = draft.destination
        fields["departure"] = draft.departure?.description
        fields["delayMinutes"] = draft.delay?.minutes.map { String($0) }
        fields["delayPrecision"] = draft.delay?.precision.rawValue
        fields["cancelled"] = draft.delay.map { $0.isCancelled ? "yes" : "no" }
        fields["farePence"] = draft.fare.map { String($0.pence) }
        fields["ticketClass"] = draft.ticketClass?.rawValue
        fields["ticketType"] = draft.ticketType?.rawValue
        fields["photoURL"] = draft.photo?.url
        fields["photoType"] = draft.photo?.contentType
        for slot in [Conversation.Slot.origin, .destination] {
            fields["open." + slot.rawValue] = draft.openStations[slot]?.joined(separator: ",")
        }
        if !draft.openTimes.isEmpty {
            fields["open.departure"] = draft.openTimes.map(\.description).joined(separator: ",")
        }
        if !draft.skipped.isEmpty {
            fields["skipped"] = draft.skipped.map(\.rawValue).sorted().joined(separator: ",")
        }
        return fields
    }

    /// The claim that was being made; nil when a name or a field cannot be read.
    func claim() -> (Conversation.ClaimState, Conversation.ClaimDraft)? {
        guard let draft = draft() else { return nil }
        let slot = fields["slot"].flatMap(Conversation.Slot.init(rawValue:))
        let candidates = (fields["candidates"] ?? "").split(separator: ",").map(String.init)
        switch name {
        case "collecting": return slot.map { (.collecting($0), draft) }
        case "choosingStation":
            guard let slot, slot == .origin || slot == .destination, candidates.count > 1,
                candidates.allSatisfy({ StationIndex.shared.station(code: $0) != nil })
            else { return nil }
            return (.choosingStation(slot, candidates: candidates), draft)
        case "choosingTime":
            let times = candidates.compactMap(CivilTime.init(stored:))
            return times.count == 2 && candidates.count == 2 ? (.choosingTime(times), draft) : nil
        case "confirmingClaim": return (.confirmingClaim, draft)
        default: return nil
        }
    }

    /// The answers; nil when one that is stored cannot be read.
    func draft() -> Conversation.ClaimDraft? {
        var draft = Conversation.ClaimDraft()
        var isReadable = true
        func read<Value>(_ field: String, _ value: (String) -> Value?) -> Value? {
            guard let text = fields[field] else { return nil }
            let value = value(text)
            if value == nil { isReadable = false }
            return value
        }
        let station = { (code: String) in StationIndex.shared.station(code: code)?.code }
        draft.date = read("date") { CivilDate(stored: $0) }
        draft.origin = read("origin", station)
        draft.destination = read("destination", station)
        draft.departure = read("departure") { CivilTime(stored: $0) }
        let minutes = read("delayMinutes") { Int($0) }
        let precision = read("delayPrecision") { ReportedDelay.Precision(rawValue: $0) }
        draft.delay = read("cancelled") {
            ReportedDelay(minutes: minutes, isCancelled: $0 == "yes", precision: precision ?? .exactly)
        }
        draft.fare = read("farePence") { Int($0).flatMap(Fare.init(pence:)) }
        draft.ticketClass = read("ticketClass") { TicketClass(rawValue: $0) }
        draft.ticketType = read("ticketType") { TicketType(rawValue: $0) }
        if let url = fields["photoURL"], let type = fields["photoType"] {
            draft.photo = Conversation.Media(url: url, contentType: type, caption: nil)
        }
        for slot in [Conversation.Slot.origin, .destination] {
            draft.openStations[slot] = read("open." + slot.rawValue) { text in
                let codes = text.split(separator: ",").map(String.init)
                return codes.count > 1 && codes.allSatisfy { station($0) != nil } ? codes : nil
            }
        }
        draft.openTimes =
            read("open.departure") { text in
                let times = text.split(separator: ",").compactMap { CivilTime(stored: String($0)) }
                return times.count == 2 ? times : nil
            } ?? []
        for name in (fields["skipped"] ?? "").split(separator: ",") {
            guard let slot = Conversation.Slot(rawValue: String(name)) else { return nil }
            draft.skipped.insert(slot)
        }
        return isReadable ? draft : nil
    }
}
