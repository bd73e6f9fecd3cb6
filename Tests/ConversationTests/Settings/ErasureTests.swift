import Testing

@testable import Conversation

/// DELETE MY DATA: asked twice, and only YES deletes.
@Suite struct ErasureTests {
    private static let here = Everywhere.known.filter { !$0.state.isConfirmingErasure }

    @Test func itIsAskedEverywhere() {
        for world in Self.here {
            for text in ["DELETE MY DATA", "please delete my account", "Yes, delete my data"] {
                var next = world
                let transition = next.receive(.text(text))
                #expect(transition.deeds.isEmpty, "nothing is done yet")
                #expect(transition.replies == [.erasureQuestion])
                #expect(next.state.isConfirmingErasure && next.state.draft == world.state.draft)
                if world.state != .start { #expect(next.state == .confirmingErasure(from: world.state)) }
            }
        }
    }

    @Test(arguments: ["YES", "yes please", "Yes, delete everything"])
    func yesDeletes(text: String) {
        for var world in Self.here {
            world.say("DELETE MY DATA")
            let transition = world.receive(.text(text))
            #expect(transition == .init(state: .start, effects: [.eraseUser, .reply(.erased)]))
            #expect(world.inconsistencies.isEmpty)
            let welcome = world.say("hello")
            #expect(welcome.contains("this is the Delay Repay assistant") && world.state == .awaitingTerms())
        }
    }

    /// Back to where they were, with all that they had said, and the question that was being asked.
    @Test(arguments: ["NO", "BACK", "CANCEL", "no thanks", "go back"])
    func anythingElseLeadsBack(text: String) {
        for world in Self.here where world.state != .start {
            var next = world
            next.say("DELETE MY DATA")
            let transition = next.receive(.text(text))
            #expect(transition.deeds.isEmpty && next.state == world.state, "\(StoredState(world.state))")
            #expect(transition.replies.first?.text.hasPrefix("All right, nothing is deleted.") == true)
            let question = Conversation.question(world.state, .init(.text(""), world.context(.text(""))))
            if let question { #expect(transition.replies.first?.asked == question.asked) }
        }
    }

    @Test(arguments: ["maybe", "123456", "07700 900123", "leeds to york", "DELETE MY DATA", "hello", "status", "y?n"])
    func whatIsNoAnswerDeletesNothing(text: String) {
        for world in Everywhere.known where world.state.isConfirmingErasure {
            var next = world
            let transition = next.receive(.text(text))
            #expect(transition.deeds.isEmpty && next.state == world.state)
            #expect(transition.replies.first?.asked == .erasureQuestion)
        }
    }

    /// Who stopped all messages hears nothing, and is asked nothing.
    @Test func notAfterStop() {
        var world = Everywhere.world(.optedOut, Samples.user(verified: true, terms: true, optedOut: true))
        #expect(world.receive(.text("DELETE MY DATA")).effects.isEmpty && world.state == .optedOut)
        world.say("START")
        #expect(world.say("DELETE MY DATA").contains("Reply YES"))
        #expect(world.receive(.text("STOP")).deeds == [.optOut])
    }

    /// YES to the terms, or to a claim, deletes nothing; YES to the deletion accepts nothing and claims nothing.
    @Test func noYesCountsForTwoQuestions() {
        for var world in Self.here {
            #expect(!world.receive(.text("YES")).deeds.contains(.eraseUser))
        }
        for var world in Everywhere.known where world.state.isConfirmingErasure {
            #expect(world.receive(.text("YES")).deeds == [.eraseUser])
        }
    }

    /// New terms while the question stands do not undo it.
    @Test func theQuestionOutlivesNewTerms() {
        var world = Everywhere.world(
            .confirmingErasure(from: .menu(Everywhere.draft)), Samples.user(verified: true))
        #expect(world.say("no").contains("Please read our terms") && world.state == .awaitingTerms(Everywhere.draft))
    }
}
