import Testing

@testable import Conversation

/// The table of what happens where, line by line.
@Suite struct ContractTests {
    private static let verified = Samples.user(verified: true, terms: true)

    /// start, unknown sender, anything: made known, welcomed, asked about the terms.
    @Test(arguments: ["hi", "", "HELP", "STATUS", "YES", "123456", "👋", "DELETE MY DATA", "leeds to york"])
    func strangersAreWelcomed(text: String) {
        for byUsername in [true, false] {
            var world = Everywhere.stranger(byUsername: byUsername)
            let transition = world.receive(.text(text))
            #expect(transition.deeds == [.registerUser])
            let reply = transition.replies.map(\.text).joined()
            for words in ["Hello Ana, this is the Delay Repay assistant", Samples.termsURL, "YES", "NO"] {
                #expect(reply.contains(words), "\(words)")
            }
            #expect(StoredState(world.state).name == "awaitingTerms")
        }
    }

    /// start, verified user, anything: greeted by name, and processed as at the menu.
    @Test func knownUsersAreGreetedAndServed() {
        for text in ["hello", "DELAY", "STATUS", "HELP", "SETTINGS", "leeds to york", "MENU", "WITHDRAW DR-7K3M9Q"] {
            var (opened, standing) = (Everywhere.world(.start, Self.verified), Everywhere.world(.menu(), Self.verified))
            let (first, usual) = (opened.say(text), standing.say(text))
            #expect(first == "Welcome back, Ana.\n\n" + usual && opened.state == standing.state, "\(text)")
        }
    }

    /// awaitingTerms: YES stores version and sends a code, TERMS gives the link again, NO ends the session.
    @Test func theTermsAreAnswered() {
        let world = Everywhere.world(.awaitingTerms(), Samples.user())
        var (yes, terms, no) = (world, world, world)
        #expect(yes.receive(.text("YES")).deeds == [.acceptTerms(version: "2026-01"), .issueCode])
        #expect(yes.state == .awaitingOTP() && yes.codes.count == 1)
        #expect(terms.say("TERMS").contains(Samples.termsURL) && terms.state == world.state)
        #expect(no.say("NO").contains("leave it there") && no.state == .start && !no.user.termsAccepted)
    }

    /// awaitingOTP: six digits anywhere in the message.
    @Test(arguments: ["CODE", "it is CODE!", "your code is:\nCODE", "*CODE*", "CODE thanks"])
    func sixDigitsAnywhereAreTheCode(text: String) {
        var world = Everywhere.stranger()
        for word in ["hi", "yes"] { world.say(word) }
        world.say(text.replacing("CODE", with: world.code))
        #expect(world.user.isVerified && world.state == .menu())
    }

    /// awaitingOTP: RESEND and CHANGE NUMBER under the limits, with the time of the next.
    @Test func codesAreSentAgain() {
        var world = Everywhere.world(.awaitingOTP(), Samples.user(byUsername: true, terms: true))
        #expect(world.receive(.text("RESEND")).deeds == [.issueCode])
        world.allowance = .wait(minutes: 7)
        #expect(world.say("RESEND").contains("in 7 minutes") && world.codes.count == 1)
        #expect(world.say("CHANGE NUMBER").contains("mobile number") && world.state == .awaitingPhone())
        #expect(world.say("07700 900456").contains("in 7 minutes") && world.user.phoneNumber == "+447700900123")
        world.allowance = .allowed
        #expect(world.receive(.text("07700 900456")).deeds == [.setPhone("+447700900456"), .issueCode])
    }

    /// menu: DELAY, CLAIM or free text with a slot in it begin a claim; STATUS lists.
    @Test func theMenuBeginsClaimsAndListsThem() {
        for text in ["DELAY", "CLAIM", "report a delay", "yesterday", "40 minutes late", "£12.50", "from leeds"] {
            var world = Everywhere.world(.menu(), Self.verified)
            world.say(text)
            #expect(StoredState(world.state).name == "collecting", "\(text)")
        }
        var world = Everywhere.world(.menu(), Self.verified)
        world.claiming?.claims[1].compensation = 1250
        let status = world.say("STATUS")
        #expect(status.contains("DR-7K3M9Q: Leeds to York, Sat 21 Nov 2026, received\n"))
        #expect(status.contains("DR-CDFGHJ: Leeds to York, Sat 21 Nov 2026, paid, £12.50"))
        let lines = status.split(separator: "\n").filter { $0.hasPrefix("DR-") }.map { $0.prefix(9) }
        #expect(lines == ["DR-7K3M9Q", "DR-CDFGHJ"], "newest first")
    }

    /// collecting: a photo or a PDF is attached, SKIP goes on without.
    @Test func theTicketIsAttachedOrLeftOut() {
        for (type, isTaken) in [
            ("image/jpeg", true), ("image/png", true), ("image/webp", true), ("application/pdf", true),
            ("image/heic", false), ("video/mp4", false), ("application/zip", false), ("text/html", false), ("", false),
        ] {
            var world = Everywhere.world(.menu(), Self.verified)
            for text in [ClaimChat.sentence, "£12.50 standard anytime"] { world.say(text) }
            let reply = world.hear(ClaimChat.photo(type))
            #expect((world.state.draft?.photo != nil) == isTaken, "\(type)")
            #expect(reply.contains(isTaken ? "attached" : "Sorry, "), "\(type): \(reply)")
        }
        var world = Everywhere.world(.menu(), Self.verified)
        for text in [ClaimChat.sentence, "£12.50 standard anytime", "SKIP"] { world.say(text) }
        #expect(StoredState(world.state).name == "confirmingClaim" && world.state.draft?.photo == nil)
    }

    /// confirmingClaim: YES stores and names the reference, EDIT asks one question, CANCEL drops.
    @Test func theSummaryIsConfirmed() {
        var world = Everywhere.world(ClaimChat.complete().state, Self.verified)
        let draft = world.state.draft
        world.say("EDIT FARE")
        #expect(world.state == .claiming(.collecting(.fare), draft ?? .init()))
        world.say("£13")
        #expect(world.state.draft?.fare?.pence == 1300 && StoredState(world.state).name == "confirmingClaim")
        #expect(world.say("YES").contains("DR-7K2M") && world.state == .menu())
        #expect(world.submitted.count == 1)
        var dropped = Everywhere.world(ClaimChat.complete().state, Self.verified)
        #expect(dropped.say("CANCEL").contains("dropped") && dropped.submitted.isEmpty)
    }

    /// BACK asks the question before, at every question, and keeps the answers.
    @Test func backAsksTheQuestionBefore() {
        let order = Conversation.ClaimDraft.order
        for (slot, before) in zip(order.dropFirst(), order) {
            for draft in [ClaimChat.complete().draft ?? .init(), Everywhere.draft] {
                var world = Everywhere.world(.claiming(.collecting(slot), draft), Self.verified)
                let reply = world.say("BACK")
                #expect(world.state == .claiming(.collecting(before), draft))
                #expect(reply.hasSuffix(Texts.claimQuestion(before)), "\(slot)")
            }
        }
        var code = Everywhere.world(.awaitingOTP(Everywhere.draft), Samples.user(byUsername: true, terms: true))
        code.say("back")
        #expect(code.state == .awaitingPhone(Everywhere.draft))
        var first = Everywhere.world(.awaitingTerms(), Samples.user())
        #expect(first.say("back").contains("no question before"))
    }

    /// SKIP after BACK keeps an answer that a claim needs, and leaves out one that it does not.
    @Test func skippingWhatIsAnswered() {
        var world = Everywhere.world(ClaimChat.complete().state, Self.verified)
        for text in ["EDIT DELAY", "SKIP"] { world.say(text) }
        #expect(world.state.draft?.delay?.minutes == 40 && StoredState(world.state).name == "confirmingClaim")
        world.say("EDIT FARE")
        #expect(world.say("SKIP").contains("leave that out"))
        #expect(world.state.draft?.fare == nil && StoredState(world.state).name == "confirmingClaim")
    }

    /// A voice note, sticker, location or contact gets a short reply that says what can be sent.
    @Test(arguments: Conversation.Kind.allCases)
    func whatCannotBeReadIsSaid(kind: Conversation.Kind) {
        for world in Everywhere.known {
            var next = world
            let transition = next.receive(.other(kind))
            let reply = transition.replies.map(\.text).joined()
            #expect(transition.deeds.allSatisfy { $0 == .issueCode } && next.state.draft == world.state.draft)
            if world.state == .start { continue }
            #expect(transition.deeds.isEmpty && next.state == world.state)
            #expect(reply.hasPrefix("Sorry, I can"), "\(kind) at \(StoredState(world.state)): \(reply)")
            #expect(reply.contains("type your message") || reply.contains("photo (JPEG"), "\(reply)")
        }
    }
}
