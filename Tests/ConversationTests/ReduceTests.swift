import Conversation
import Testing

@Suite struct ReduceTests {
    @Test func anUnknownSenderIsWelcomedAndAskedAboutTheTerms() {
        let user = Samples.user(isNew: true)
        let transition = Conversation.reduce(.start, .text("delay leeds to york"), Samples.context(user))
        #expect(transition.state == .awaitingTerms)
        #expect(
            transition.effects == [
                .registerUser, .reply(.welcome(name: "Ana", termsURL: Samples.termsURL)),
            ])
    }
}
