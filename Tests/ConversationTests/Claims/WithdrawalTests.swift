import TestSupport
import Testing

@testable import Conversation

@Suite struct WithdrawalTests {
    static func claim(_ reference: String, _ progress: Conversation.Claiming.Progress = .submitted)
        -> Conversation.Claiming.Status
    {
        .init(
            reference: reference, origin: "LDS", destination: "YRK", date: Notation.date("2026-11-21"),
            progress: progress, compensation: nil)
    }

    func chat(_ claims: Conversation.Claiming.Status..., everywhere: Bool = false) -> [ClaimChat] {
        var chats = everywhere ? ClaimChat.everywhere() : []
        chats.append(ClaimChat())
        return chats.map { chat in
            var chat = chat
            chat.claims = claims
            return chat
        }
    }

    @Test(arguments: [
        "WITHDRAW DR-7K3M9Q", "withdraw dr 7k3m9q please", "Withdraw 7K3M9Q", "I want to withdraw my claim DR-7K3M9Q",
        "retract DR–7K3M9Q!",
    ])
    func aClaimIsTakenBackByItsName(text: String) {
        for var chat in chat(Self.claim("DR-CDFGHJ"), Self.claim("DR-7K3M9Q"), everywhere: true) {
            let before = chat.state
            let reply = chat.send(text)
            #expect(chat.last.deeds == [.withdrawClaim(reference: "DR-7K3M9Q")], "\(text)")
            #expect(reply.hasPrefix("Your claim DR-7K3M9Q is withdrawn."))
            #expect(chat.state == before, "the claim being made is kept")
        }
    }

    @Test func onlyWhatIsNotDecidedIsTakenBack() {
        for progress in Conversation.Claiming.Progress.allCases {
            var chat = chat(Self.claim("DR-7K3M9Q", progress))[0]
            let reply = chat.send("WITHDRAW DR-7K3M9Q")
            #expect(chat.last.deeds.isEmpty != progress.isOpen, "\(progress)")
            #expect(reply.contains(progress.isOpen ? "is withdrawn." : "DR-7K3M9Q is "), "\(progress)")
            let status = chat.send("status")
            #expect(status.contains("WITHDRAW DR-7K3M9Q") == progress.isOpen)
        }
    }

    @Test func itIsSaidWhichCanBe() {
        var chat = chat(Self.claim("DR-CDFGHJ", .paid), Self.claim("DR-7K3M9Q"))[0]
        let reply = chat.send("withdraw")
        #expect(chat.last.deeds.isEmpty && reply.contains("DR-7K3M9Q: Leeds to York") && !reply.contains("DR-CDFGHJ"))
        #expect(chat.send("withdraw DR-PQRTWX").contains("no claim with that reference"))
        chat.claims = []
        #expect(chat.send("withdraw").contains("no claim that can be withdrawn"))
    }

    @Test func referencesAreReadAndDrawn() {
        var random = SplitMix64(seed: 1)
        var drawn: Set<String> = []
        for _ in 0..<1000 {
            let reference = ClaimReference.random(using: &random)
            drawn.insert(reference)
            #expect(ClaimReference.find(in: "see \(reference.lowercased()).") == reference)
        }
        #expect(drawn.count > 990)
        for text in ["rhythm", "DR", "DR-", "dr 12", "call 079460", "DR-7K3M9", "DR-7K3M9QQ", "DR-7K3M90", ""] {
            #expect(ClaimReference.find(in: text) == nil, "\(text)")
        }
    }

    /// What is wrong with a file is said, and nothing else changes.
    @Test(arguments: Conversation.Media.Problem.allCases)
    func aFileThatCannotBeUsedChangesNothing(problem: Conversation.Media.Problem) {
        for var chat in chat(everywhere: true) {
            let before = chat.state
            let reply = chat.send(
                .media(.init(url: "https://example.com/1", contentType: "image/jpeg", caption: nil, problem: problem)))
            #expect(chat.state == before, "\(before)")
            #expect(reply.hasPrefix("Sorry, "))
        }
        var chat = ClaimChat()
        chat.send("leeds to york")
        let reply = chat.send(
            .media(.init(url: "u", contentType: "image/jpeg", caption: "yesterday", problem: problem)))
        #expect(chat.draft?.date != nil && chat.draft?.photo == nil && reply.contains("Sorry, "), "the words count")
    }
}
