import Testing

@testable import Conversation

/// What is said of a journey before registration is kept, and taken up after it.
@Suite struct EarlyAnswersTests {
    @Test func theVeryFirstMessageCounts() {
        var world = Everywhere.stranger()
        let welcome = world.say(ClaimChat.sentence)
        for words in [
            "Hello Ana, this is", "from Leeds (LDS)", "to York (YRK)", "14:30", "40 minutes late", "Reply YES",
        ] {
            #expect(welcome.contains(words), "\(words): \(welcome)")
        }
        #expect(!welcome.contains("  ") && welcome.utf16.count <= 1000)
        world.say("YES")
        #expect(world.state.draft?.origin == "LDS")
        let next = world.say(world.code)
        #expect(world.state == .claiming(.collecting(.fare), world.state.draft ?? .init()))
        for words in ["right code", "So far: from Leeds (LDS), to York (YRK)", "What did your ticket cost?"] {
            #expect(next.contains(words), "\(words): \(next)")
        }
        for text in ["SKIP ALL", "YES"] { world.say(text) }
        #expect(world.submitted.map(\.origin) == ["LDS"] && world.faults.isEmpty)
    }

    /// Said piece by piece, wherever registration stands.
    @Test func everyStepListens() {
        var world = Everywhere.stranger(byUsername: true)
        world.say("hi")
        #expect(world.say("my train from leeds to york was late").contains("Noted: from Leeds (LDS), to York (YRK)."))
        world.say("yes")
        #expect(world.say("it was yesterday").contains("Noted: Sat 21 Nov 2026."))
        world.say("07700 900123")
        #expect(world.say("the 14:30 train").contains("14:30"))
        #expect(world.say("cancelled, and it cost £12.50").contains("£12.50"))
        let summary = world.say("code \(world.code), standard class, off-peak, no photo")
        #expect(summary.contains("Please check your claim"), "\(summary)")
        for words in ["Leeds (LDS) to York (YRK)", "14:30", "cancelled", "£12.50, standard class, off-peak"] {
            #expect(summary.contains(words), "\(words)")
        }
    }

    @Test(arguments: ["DELAY", "claim", "I want to claim"])
    func askingToClaimIsRemembered(text: String) {
        var world = Everywhere.stranger()
        #expect(world.say(text).contains("We begin your claim once you have registered."))
        world.say("ok")
        #expect(world.say(world.code).contains("Where did you travel from"))
        #expect(world.state == .claiming(.collecting(.origin), .init()))
    }

    /// Someone who says nothing of a journey comes to the menu.
    @Test func silenceLeadsToTheMenu() {
        var world = Everywhere.stranger()
        for text in ["hello", "yes"] { world.say(text) }
        #expect(world.say(world.code).contains("You are registered") && world.state == .menu())
    }

    /// What may mean several things is asked once they are registered.
    @Test func whatIsNotClearIsAskedLater() {
        var world = Everywhere.stranger()
        #expect(world.say("I was late from London to Leeds, half two").contains("to Leeds (LDS)"))
        world.say("yes")
        #expect(world.say(world.code).contains("1. London Kings Cross"))
        world.say("kings cross")
        guard case .claiming(.choosingTime, let draft) = world.state else {
            Issue.record("\(world.state)")
            return
        }
        #expect(draft.origin == "KGX")
    }

    @Test func theTicketIsKeptToo() {
        var world = Everywhere.stranger()
        let reply = world.hear(ClaimChat.photo("image/jpeg", caption: "leeds to york"))
        #expect(reply.contains("your ticket is attached") && reply.contains("Noted: from Leeds"))
        world.say("yes")
        world.say(world.code)
        #expect(world.state.draft?.photo != nil && world.state.draft?.destination == "YRK")
        var voice = Everywhere.stranger()
        #expect(voice.hear(.other(.voiceNote)).contains("Reply YES"))
        #expect(voice.hear(.other(.voiceNote)).contains("cannot use voice notes"))
    }

    /// A one-time code or a phone number is never read as a time or a fare, nor is a slip of one.
    @Test(arguments: [
        "123456", "123 456", "code 123456", "12 34 56", "my code is 12-34-56", "1234", "12345", "code 1234",
        "it says 1430", "the code is 0815", "07700 900123", "my number is 07700 900123", "+44 7700 900123",
        "call me on 07700 900 123", "020 7946 0018", "0800 1111", "my number is 0770", "1 2 3 4 5 6", "one two three",
        "1234567", "code: 2030 ok", "145", "the code says 900",
    ])
    func codesAndNumbersAreNoAnswers(text: String) {
        for world in Everywhere.unregistered {
            switch world.state {
            case .awaitingPhone(let draft), .awaitingOTP(let draft):
                var next = world
                next.say(text)
                #expect(next.state.draft == draft, "\(text) at \(StoredState(world.state))")
            default: break
            }
        }
        for long in ["123456", "my number is 07700 900123", "code 123 456"] {
            var world = Everywhere.stranger()
            world.say(long)
            #expect(world.state == .awaitingTerms())
        }
    }

    /// Nor is one between answers, where a price or a time might stand.
    @Test(arguments: [
        "leeds to york fare 000123", "it cost 000 123 from leeds to york", "leeds to york price 000123",
        "leeds to york, call 07700 900123", "the train from leeds to york, +44 7700 900123",
    ])
    func codesAndNumbersAmongAnswersAreNone(text: String) {
        var world = Everywhere.stranger()
        world.say(text)
        #expect(world.state.draft?.answered == [.origin, .destination] && world.state.draft?.openTimes == [])
    }

    /// A code among answers is the code, and the answers are answers.
    @Test func aCodeAmongAnswersIsTheCode() {
        var world = Everywhere.stranger()
        for text in ["hello", "yes"] { world.say(text) }
        world.say("\(world.code) and it was the 14:30 from leeds to york yesterday")
        #expect(world.user.isVerified && world.state.draft?.departure?.description == "14:30")
        #expect(world.state.draft?.fare == nil && world.state.draft?.answered.count == 4)
        var wrong = Everywhere.stranger()
        for text in ["hello", "yes", "000000, leeds to york"] { wrong.say(text) }
        #expect(!wrong.user.isVerified && wrong.state.draft?.origin == "LDS", "a wrong code loses no answer")
    }

    /// Nor is it after it was right, when it is sent once more, or is seen too late.
    @Test(arguments: ["000123", "012345", "000 123", "143000"])
    func aCodeThatComesAgainIsNoAnswer(code: String) {
        for world in Everywhere.registered where !world.state.isConfirmingErasure && world.state != .start {
            var next = world
            let reply = next.say(code)
            #expect(next.state == world.state && reply.hasPrefix("Sorry, "), "\(StoredState(world.state)): \(reply)")
        }
    }

    /// What people say of the terms and of codes is about no journey.
    @Test(arguments: [
        "what are these terms", "who are you?", "is this free", "first tell me what this is", "wait a second",
        "one minute", "I have no phone", "maybe", "later", "may I ask something", "it did not arrive", "where is it",
        "I never got one", "in a minute", "hold on 5 minutes", "it takes too long", "it is late", "at last",
        "give me 5 min", "I am on the train", "the signal is bad", "read them, fine", "looks good", "why do you ask",
    ])
    func smallTalkIsNoJourney(text: String) {
        for world in Everywhere.unregistered where !world.state.isConfirmingErasure {
            var next = world
            next.say(text)
            #expect(next.state.draft == world.state.draft, "\(text) at \(StoredState(world.state))")
        }
    }

    /// Neither a wrong code, nor the limits, nor any command but those that say so lose what was said.
    @Test func nothingOnTheWayLosesIt() {
        for world in Everywhere.unregistered where world.state.draft != nil && !world.state.isConfirmingErasure {
            for text in [
                "RESEND", "CHANGE NUMBER", "HELP", "MENU", "TERMS", "hello", "000000", "SETTINGS", "STATUS", "BACK",
                "asdf", "START", "DELAY", "YES", "07700 900123",
            ] {
                for allowance in Samples.allowances {
                    var next = world
                    next.allowance = allowance
                    next.say(text)
                    #expect(next.state.draft == world.state.draft, "\(text) at \(StoredState(world.state))")
                }
            }
        }
    }

    /// New terms, or a session that was lost, keep what is there.
    @Test func newTermsInMidSessionLoseNothing() {
        for world in Everywhere.registered where world.state.draft != nil && !world.state.isConfirmingErasure {
            var next = world
            next.user.termsAccepted = false
            next.say("hello")
            #expect(next.state == .awaitingTerms(world.state.draft))
            let reply = next.say("yes")
            #expect(next.state.draft == world.state.draft && !reply.contains("You are registered."))
        }
    }

    /// Where no claims are taken, nothing of them is heard or said.
    @Test func withoutClaimsNothingIsKept() {
        var world = Everywhere.stranger()
        world.claiming = nil
        #expect(!world.say(ClaimChat.sentence).contains("Leeds") && world.state == .awaitingTerms())
    }

    @Test func declinedTermsDropIt() {
        var world = Everywhere.stranger()
        world.say(ClaimChat.sentence)
        #expect(world.say("no").contains("dropped") && world.state == .start)
    }
}
