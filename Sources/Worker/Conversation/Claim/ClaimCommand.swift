/// What a few words ask for at the menu and while a claim is made; `Command` has what is understood everywhere.
enum ClaimCommand: Hashable, Sendable {
    case claim, status, back, cancel, skip
    /// Everything that a claim can do without is left out.
    case skipAll
    /// The message says which claim, or does not.
    case withdraw
    /// Nil when it was not said what is to be changed.
    case edit(Conversation.Slot?)

    /// Reads a whole message as a command: case, punctuation and polite words do not matter.
    init?(reading text: String) {
        var words = Words(text).tokens.filter { $0.kind != .mark }.map(\.text)
        words.removeAll { Command.courtesies.contains($0) }
        // A reference is several words.
        if words.count <= 20, words.contains(where: Self.withdrawals.contains),
            words.first.map(Self.withdrawals.contains) == true || ClaimReference.find(in: text) != nil
        {
            self = .withdraw
            return
        }
        guard (1...5).contains(words.count) else { return nil }
        if let command = Self.phrases[words.joined(separator: " ")] {
            self = command
            return
        }
        guard let verb = words.first, ["edit", "change", "correct", "fix", "amend"].contains(verb)
        else { return nil }
        let names = words.dropFirst().filter { !["the", "my", "a"].contains($0) }.joined(separator: " ")
        if names.isEmpty {
            self = .edit(nil)
        } else if let slot = Self.slots[names] {
            self = .edit(slot)
        } else {
            return nil
        }
    }

    private static let withdrawals: Set<String> = ["withdraw", "retract"]

    private static let phrases: [String: ClaimCommand] = {
        let synonyms: [(ClaimCommand, [String])] = [
            (
                .claim,
                [
                    "delay", "delays", "claim", "claims", "new claim", "make a claim", "report delay",
                    "report a delay",
                    "delay repay", "i want to claim", "my train was late", "my train was delayed",
                    "compensation",
                    "refund", "new delay", "start a claim", "another claim",
                ]
            ),
            (
                .status,
                [
                    "status", "my claims", "my claim", "claim status", "check", "check status",
                    "status of my claim",
                    "where is my claim", "wheres my claim", "where is my money", "track", "track my claim",
                ]
            ),
            (.withdraw, ["take back my claim", "take my claim back", "take back a claim", "take a claim back"]),
            (.back, ["back", "go back", "previous", "one back", "previous question", "undo"]),
            (
                .cancel,
                [
                    "cancel", "cancel claim", "cancel my claim", "cancel the claim", "cancel it", "forget it",
                    "drop it",
                    "drop claim", "discard", "abort", "never mind", "nevermind",
                ]
            ),
            (
                .skip,
                [
                    "skip", "skip it", "skip this", "pass", "next", "none", "no photo", "no ticket",
                    "i dont know", "dont know",
                    "not sure", "im not sure", "no idea", "dunno", "idk", "without",
                    "no ticket photo", "no picture", "i have no photo", "i lost my ticket", "lost my ticket",
                    "i lost it", "i threw it away", "i dont have it", "i do not have it",
                ]
            ),
            (
                .skipAll,
                [
                    "skip all", "skip everything", "skip the rest", "skip them all", "skip all of them", "thats all",
                    "that is all", "thats it", "that is it", "thats everything", "nothing else", "done", "im done",
                    "finish", "finished",
                ]
            ),
        ]
        var table: [String: ClaimCommand] = [:]
        for (command, phrases) in synonyms { for phrase in phrases { table[phrase] = command } }
        return table
    }()

    /// What people call the answers.
    private static let slots: [String: Conversation.Slot] = [
        "date": .date, "day": .date, "from": .origin, "origin": .origin, "start": .origin,
        "departure station": .origin,
        "to": .destination, "destination": .destination, "arrival station": .destination,
        "time": .departure,
        "departure": .departure, "departure time": .departure, "train": .departure, "delay": .delay,
        "fare": .fare,
        "price": .fare, "cost": .fare, "class": .ticketClass, "ticket class": .ticketClass,
        "type": .ticketType,
        "ticket type": .ticketType, "ticket": .ticketType, "photo": .ticketPhoto,
        "picture": .ticketPhoto,
        "ticket photo": .ticketPhoto, "station": .origin, "stations": .origin, "route": .origin,
        "journey": .origin,
    ]
}
