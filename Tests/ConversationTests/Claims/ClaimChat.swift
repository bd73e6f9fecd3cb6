@testable import Conversation

/// A registered passenger who makes claims, on Sunday 22 November 2026 at 18:00.
struct ClaimChat {
    var state = Conversation.State.menu()
    var submitted: [Conversation.Claim] = []
    var claims: [Conversation.Claiming.Status] = []
    private(set) var last = Conversation.Transition(state: .menu(), effects: [])

    var context: Conversation.Context {
        var context = Samples.context(Samples.user(in: .menu()))
        context.claiming = Conversation.Claiming(
            now: LondonTime.Local(Notation.today, CivilTime(minutesAfterMidnight: 18 * 60)),
            windowDays: Notation.window, reference: "DR-7K2M", claims: claims)
        return context
    }

    var claimState: Conversation.ClaimState? {
        if case .claiming(let state, _) = state { state } else { nil }
    }
    var draft: Conversation.ClaimDraft? {
        if case .claiming(_, let draft) = state { draft } else { nil }
    }

    @discardableResult
    mutating func send(_ text: String) -> String { send(.text(text)) }

    @discardableResult
    mutating func send(_ input: Conversation.Input) -> String {
        last = Conversation.reduce(state, input, context)
        state = last.state
        for case .submitClaim(let claim) in last.effects { submitted.append(claim) }
        return last.replies.map(\.text).joined(separator: "\n---\n")
    }

    static func photo(_ type: String, caption: String? = nil) -> Conversation.Input {
        .media(.init(url: "https://example.com/ticket", contentType: type, caption: caption))
    }

    static let sentence = "the 14:30 from leeds to york yesterday was 40 minutes late"

    /// Everything answered, and shown to be confirmed.
    static func complete() -> ClaimChat {
        var chat = ClaimChat()
        chat.send(sentence)
        chat.send("£12.50 standard anytime")
        chat.send("skip")
        return chat
    }

    /// A chat in each state that a claim can be in.
    static func everywhere() -> [ClaimChat] {
        var chats: [ClaimChat] = []
        var chat = ClaimChat()
        chat.send("DELAY")
        for answer in [
            "leeds", "york", "yesterday", "14:30", "40", "£12.50", "standard", "advance", "skip",
        ] {
            chats.append(chat)
            chat.send(answer)
        }
        chats.append(chat)
        for text in ["newport to york", "half two from leeds to york"] {
            var chat = ClaimChat()
            chat.send(text)
            chats.append(chat)
        }
        return chats
    }
}
