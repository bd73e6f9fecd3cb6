import Common

/// What happened in one person's conversation, in the order of time, and where it is now.
struct ConversationStory: Sendable {
    /// Their address, in full: whoever shows it masks it (`OutputOptions.shown`).
    let address: String
    let user: UUID?
    let standing: PersonStanding?
    let steps: [ConversationStep]
    /// Earlier steps were left out.
    let isCut: Bool
    let since: Timestamp?
    let until: Timestamp?
    let live: LiveConversation

    /// Reads it from Postgres and Redis; changes nothing.
    ///
    /// Throws `UnknownConversation`, `UnknownPerson` and `AmbiguousPerson` when there is no one story to tell, and the
    /// errors of both servers.
    static func read(_ query: ConversationQuery, on servers: ConnectedOperator) async throws -> ConversationStory {
        let place = try await ConversationPlace.find(query, on: servers)
        let since = query.since ?? place.moments.map { $0.first - ConversationQuery.surroundings }
        let until = query.until ?? place.moments.map { $0.last + ConversationQuery.surroundings }
        let reading = StoryReading(
            person: place.person, since: since, until: until, limit: query.limit, stateTTL: query.stateTTL)
        let (standing, stored) = try await reading.steps(on: servers.postgres)
        let live = try await LiveConversation(of: place.person, on: servers.queue)
        if standing == nil, stored.isEmpty, live.isEmpty, case .sender(let sender) = query.entry {
            throw UnknownPerson(shown: OutputOptions.shown(sender.text, reveal: false))
        }
        // A message that waits and is recorded already is told once.
        let known = Set(stored.compactMap { $0.kind == .message ? $0.messageSID : nil })
        let waiting = live.messages.filter { !known.contains($0.messageSID ?? "") && (until.map { .now < $0 } ?? true) }
        var steps = (stored + waiting).sorted { $0.precedes($1) }
        let isCut = steps.count > query.limit
        steps = steps.suffix(query.limit)
        for index in steps.indices { steps[index].isSought = query.entry.seeks(steps[index]) }
        return ConversationStory(
            address: place.person.address, user: place.person.user, standing: standing, steps: steps, isCut: isCut,
            since: since, until: until, live: live)
    }

    /// How many steps somebody may have to look after.
    var troubles: Int { steps.count(where: \.isTrouble) }
}

extension ConversationQuery.Entry {
    /// Whether the story was asked for by this step.
    fileprivate func seeks(_ step: ConversationStep) -> Bool {
        switch self {
        case .sender: false
        case .message(let sid): step.messageSID == sid || step.details.contains { $0.value == sid }
        case .correlation(let id): step.correlationID == id
        }
    }
}
