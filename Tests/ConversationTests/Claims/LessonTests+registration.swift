import Testing

@testable import Conversation

/// More of what went wrong in the system that this one replaces.
extension LessonTests {
    /// The first message never made the person known, so that the next step failed for everybody who was new.
    @Test(arguments: ["hi", "STOP", "HELP", "123456", ""])
    func theFirstMessageMakesOneKnown(text: String) {
        var world = Everywhere.stranger()
        #expect(world.receive(.text(text)).deeds.first == .registerUser)
        #expect(!world.user.isNew && world.inconsistencies.isEmpty)
    }

    /// Any six digits passed for a code; RESEND sent nothing and said it had.
    @Test func onlyTheCodeIsTheCode() {
        var world = Everywhere.stranger()
        for text in ["hi", "yes"] { world.say(text) }
        for wrong in ["000000", "999999", "123123"] where wrong != world.code {
            world.say(wrong)
            #expect(!world.user.isVerified)
        }
        let before = world.codes.count
        #expect(world.say("RESEND").contains("sending a six-digit code") && world.codes.count == before + 1)
        world.allowance = .dailyLimit
        #expect(!world.say("RESEND").contains("sending") && world.codes.count == before + 1)
    }

    /// Accepting the terms was not stored, and NO did not end anything.
    @Test func theTermsAreStoredOrTheSessionEnds() {
        var world = Everywhere.stranger()
        world.say("hi")
        var declined = world
        #expect(world.receive(.text("yes")).deeds.contains(.acceptTerms(version: "2026-01")))
        declined.say("no")
        #expect(declined.state == .start && declined.codes.isEmpty)
        #expect(declined.say("hello").contains("Reply YES"), "it is asked again, from the beginning")
    }

    /// LOGOUT said goodbye and kept the session.
    @Test func logoutEndsTheSession() {
        for var world in Everywhere.known {
            world.say("log out")
            #expect(world.state == .start && world.state.draft == nil)
            #expect(world.user.isVerified ? world.say("hi").hasPrefix("Welcome back, Ana.") : true)
        }
    }

    /// States had no handlers, and trapped whoever came there: every stored name is one that something is done in.
    @Test func everyStateLeadsOnAndOut() {
        var names: Set<String> = []
        for world in Everywhere.known {
            names.insert(StoredState(world.state).name)
            for text in ["LOGOUT", "STOP", "RESTART"] {
                var next = world
                next.say(text)
                #expect(
                    next.state != world.state || world.state == .start || text == "RESTART", "\(world.state) \(text)")
            }
        }
        #expect(
            names == [
                "start", "awaitingTerms", "awaitingPhone", "awaitingOTP", "menu", "collecting", "choosingStation",
                "choosingTime", "confirmingClaim", "confirmingErasure",
            ])
    }

    /// A bare DELAY after the session had ended was swallowed by a greeting.
    @Test(arguments: ["DELAY", "STATUS", "SETTINGS", "leeds to york", "DELETE MY DATA", "WITHDRAW DR-7K3M9Q"])
    func theMessageThatOpensASessionIsHandled(text: String) {
        var (opened, standing) = (
            Everywhere.world(.start, Samples.user(verified: true, terms: true)),
            Everywhere.world(.menu(), Samples.user(verified: true, terms: true))
        )
        let (first, second) = (opened.receive(.text(text)), standing.receive(.text(text)))
        #expect(opened.state == standing.state && first.deeds == second.deeds)
    }

    /// Some steps dropped what had been collected: it goes along whatever is said, until it is sent or dropped.
    @Test func everyStepHandsOnWhatWasCollected() {
        var world = Everywhere.stranger(byUsername: true)
        world.say("from leeds to york")
        for text in ["TERMS", "yes", "0113 496 0000", "SETTINGS", "07700 900123", "000000", "RESEND", "MENU", "hm"] {
            world.say(text)
            #expect(world.state.draft?.destination == "YRK", "\(text): \(StoredState(world.state))")
        }
        world.say(world.code)
        for text in ["HELP", "STATUS", "asdf", "DELETE MY DATA", "NO", "MENU", "hello", "DELAY", "mute", "BACK"] {
            world.say(text)
            #expect(world.state.draft?.destination == "YRK", "\(text): \(StoredState(world.state))")
        }
    }

    /// Everything was asked for anew that a ticket or a sentence had told: only what is missing is asked.
    @Test func onlyWhatIsMissingIsAsked() {
        var world = Everywhere.world(.menu(), Samples.user(verified: true, terms: true))
        world.say("leeds to york yesterday at 14:30, 40 minutes, £12.50 standard anytime")
        #expect(StoredState(world.state).fields["slot"] == "ticketPhoto")
    }

    /// A summary was confirmed blindly: YES before anything is shown sends nothing.
    @Test func nothingIsSentUnseen() {
        for world in Everywhere.known where StoredState(world.state).name != "confirmingClaim" {
            var next = world
            next.say("YES")
            #expect(next.submitted.isEmpty, "\(StoredState(world.state))")
        }
    }

    /// Replies promised what nobody does: to watch a train, to claim by itself, to pay by a day.
    @Test func nothingIsPromised() {
        for world in Everywhere.known {
            for text in EverywhereTests.commands + ["YES", ClaimChat.sentence, "asdf"] {
                var next = world
                let reply = next.say(text).lowercased()
                for promise in ["we will monitor", "automatic", "will be paid", "shortly", "soon", "guarantee"] {
                    #expect(!reply.contains(promise), "\(reply)")
                }
            }
        }
    }

    /// Prices were asked in one form only, and a season ticket was refused.
    @Test func seasonTicketsAreTickets() {
        var world = Everywhere.world(.menu(), Samples.user(verified: true, terms: true))
        for text in [ClaimChat.sentence, "twelve pounds", "standard", "season"] { world.say(text) }
        #expect(world.state.draft?.ticketType == .season && world.state.draft?.fare?.pence == 1200)
    }

    /// A message that came twice drew a second, stray answer: the state after it knows what is asked, and asks it again.
    @Test func aRepeatedAnswerIsNoStray() {
        var world = Everywhere.world(.menu(), Samples.user(verified: true, terms: true))
        for text in ["DELAY", "leeds to york", "leeds to york"] { world.say(text) }
        #expect(world.state.draft?.answered == [.origin, .destination])
        #expect(StoredState(world.state).fields["slot"] == "date")
    }
}
