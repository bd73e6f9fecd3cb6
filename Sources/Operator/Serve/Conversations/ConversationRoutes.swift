import Common
import NIOHTTP1

/// Looking up one person's conversation.
struct ConversationRoutes: Sendable {
    let console: Console

    /// Steps on one page.
    private static let limit = 200

    func add(to router: inout Router) {
        router.onPage("/conversations", console) { visit in
            visit.page("Conversations", .conversations, SearchPage().html(visit.session))
        }
        router.onForm("/conversations", console) { visit in
            let words = visit.form["words"] ?? ""
            guard Self.entry(words) != nil else {
                return ask(visit, "This is neither a phone number nor a MessageSid nor a correlation id.")
            }
            // What stands for the words is random: the address of the page names nobody.
            return .seeOther("/conversations/" + console.access.sessions.remember(words, for: visit.session))
        }
        router.onPage("/conversations/*", console) { visit in try await tell(visit, isRevealed: false) }
        router.onForm("/conversations/*", console) { visit in try await tell(visit, isRevealed: true) }
    }

    private func tell(_ visit: Visit, isRevealed: Bool) async throws -> HTTPServerResponse {
        let handle = String(visit.path(after: "/conversations/"))
        guard let words = console.access.sessions.subject(handle, of: visit.session), let entry = Self.entry(words)
        else { return .seeOther("/conversations") }
        let story: ConversationStory
        do {
            story = try await ConversationStory.read(
                ConversationQuery(entry: entry, limit: Self.limit, stateTTL: console.stateTTL), on: console.servers)
        } catch let error as any OperatorFailure & CustomStringConvertible {
            guard !(error is RedisError), !(error is PostgresError) else { throw error }
            return ask(visit, error.description)
        }
        let record = story.user.map { "user:\($0)" } ?? "conversation:\(handle)"
        visit.note(isRevealed ? "revealed" : "looked up a conversation", ["record": record])
        let page = StoryPage(story: story, handle: handle, isRevealed: isRevealed, now: .now)
        return visit.page("Conversation", .conversations, page.html(visit.session))
    }

    private func ask(_ visit: Visit, _ problem: String) -> HTTPServerResponse {
        visit.page(
            "Conversations", .conversations, SearchPage(problem: problem).html(visit.session), status: .notFound)
    }

    /// What somebody may look for: a number as people write it, a MessageSid, else a correlation id.
    static func entry(_ words: String) -> ConversationQuery.Entry? {
        let words = String(words.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        guard (1...200).contains(words.utf8.count) else { return nil }
        if MessageSID(words) != nil { return .message(words) }
        if let sender = SenderArgument(argument: words) { return .sender(sender) }
        // A number that cannot be read as one is no correlation id: nothing of it is sought or told.
        let isNumber = words.allSatisfy { $0.isNumber || " -+().".contains($0) }
        guard !isNumber, words.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return .correlation(words)
    }
}
