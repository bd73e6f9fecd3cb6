import Testing

@testable import Conversation

/// HELP, MENU, STATUS, BACK, CANCEL, RESTART, LOGOUT, SETTINGS, STOP, START, DELETE MY DATA and WITHDRAW, in every state.
@Suite struct EverywhereTests {
    /// What each of them leads to is in its own test; here, that each is understood and says one thing, well.
    @Test func everyCommandIsUnderstoodEverywhere() throws {
        for world in Everywhere.known {
            for command in Self.commands {
                var next = world
                let transition = next.receive(.text(command))
                let place = Comment(rawValue: "\(command) at \(StoredState(world.state)): \(transition)")
                let reply = try #require(transition.replies.first, place)
                #expect(transition.replies.count == 1 && !reply.isLost, place)
                #expect(Wording.problems(reply.text, claimsAreTaken: true).isEmpty, place)
                #expect(next.inconsistencies.isEmpty, "\(next.inconsistencies) \(place)")
                #expect(try StoredState(next.state).state() == next.state, place)
            }
        }
    }

    static let commands = [
        "HELP", "MENU", "STATUS", "BACK", "CANCEL", "RESTART", "LOGOUT", "SETTINGS", "STOP", "START", "DELETE MY DATA",
        "WITHDRAW", "WITHDRAW DR-7K3M9Q", "TERMS", "NOTIFICATIONS OFF", "LANGUAGE WELSH", "TIME ZONE Paris", "hello",
    ]

    /// A reply names only what works in the state that it leads to, whatever was said before.
    @Test func whatAReplyMentionsWorks() throws {
        for world in Everywhere.known + [Everywhere.stranger(), Everywhere.stranger(byUsername: true)] {
            for text in Self.commands + ["", "asdf", "leeds to york yesterday", "YES", "NO", "EDIT"] {
                var said = world
                guard let reply = said.receive(.text(text)).replies.first else { continue }
                for command in Advertised.commands(in: Advertised.withoutCodes(reply.text)) {
                    var next = said
                    // EDIT DATE stands for a list of names after it, which work behind EDIT.
                    let name = Advertised.slotNames.contains(command) ? "EDIT \(command)" : command
                    let answer = next.receive(.text(name)).replies.first
                    #expect(
                        answer.map { !$0.isLost } ?? false,
                        "\(name), mentioned after \(text) at \(StoredState(world.state)): \(answer?.text ?? "silence")")
                }
            }
        }
    }

    @Test func menuLeavesEveryStateOfTheRegistered() {
        for var world in Everywhere.registered {
            let draft = world.state.draft
            let reply = world.say("MENU")
            #expect(world.state == .menu(draft), "\(StoredState(world.state))")
            #expect(reply.contains("These words work too") && reply.contains("WITHDRAW"))
            #expect(reply.contains("unfinished claim is kept") == (draft != nil))
        }
        for var world in Everywhere.unregistered {
            let place = world.place
            #expect(world.say("MENU").contains("once you have registered") || place == .start)
            #expect(world.state.draft == place.draft && !world.state.isConfirmingErasure)
        }
    }

    /// After MENU the claim goes on where it was, by DELAY, BACK, or an answer.
    @Test func theClaimThatMenuInterruptsGoesOn() {
        for word in ["DELAY", "BACK", "menu", "14:30"] {
            var world = Everywhere.world(.menu(), Samples.user(verified: true, terms: true))
            world.say("from leeds to york yesterday")
            #expect(world.say("MENU").contains("DELAY goes on with it"))
            world.say("hello")
            world.say(word)
            if word == "menu" { world.say("delay") }
            guard case .claiming(let state, let draft) = world.state else {
                Issue.record("\(word) leads to \(world.state)")
                continue
            }
            #expect(draft.origin == "LDS" && draft.destination == "YRK" && draft.date != nil)
            #expect(state == .collecting(word == "14:30" ? .delay : .departure))
        }
        var world = Everywhere.world(.menu(Everywhere.draft), Samples.user(verified: true, terms: true))
        #expect(world.say("CANCEL").contains("dropped") && world.state == .menu())
    }

    @Test func statusIsShownToWhoeverHasProvenTheNumber() {
        for world in Everywhere.known {
            var next = world
            let reply = next.say("STATUS")
            #expect(next.state.draft == world.state.draft)
            #expect(reply.contains("DR-7K3M9Q: Leeds to York") == world.user.isVerified, "\(world.state)")
            #expect(world.user.isVerified || reply.contains("once you have registered"), "\(world.state)")
        }
    }

    @Test func withdrawingTakesNothingElseAway() {
        for world in Everywhere.known {
            var next = world
            let transition = next.receive(.text("WITHDRAW DR-7K3M9Q"))
            #expect(transition.deeds == (world.user.isVerified ? [.withdrawClaim(reference: "DR-7K3M9Q")] : []))
            #expect(next.state.draft == world.state.draft)
            if world.state != .start { #expect(next.state == world.state) }
        }
    }

    @Test func backChangesNoAnswer() {
        for world in Everywhere.known {
            var next = world
            next.say("BACK")
            let (before, after) = (world.state.draft, next.state.draft)
            #expect(before?.answered == after?.answered, "\(StoredState(world.state))")
            #expect(!next.state.isConfirmingErasure)
        }
    }

    @Test func cancelDropsWhatIsBeingDone() {
        for world in Everywhere.known {
            var next = world
            let reply = next.say("CANCEL")
            if world.state.isConfirmingErasure {
                #expect(next.state == world.place && reply.hasPrefix("All right, nothing is deleted."))
            } else {
                #expect(next.state.draft == nil, "\(StoredState(world.state))")
                let isTold = world.state.draft.map { !$0.isEmpty } ?? false
                #expect(reply.contains("dropped") || !isTold, "\(reply)")
            }
        }
    }

    @Test func restartAndLogoutDropTheDraftAndSaySo() {
        for world in Everywhere.known {
            var (left, restarted) = (world, world)
            let (goodbye, again) = (left.say("LOGOUT"), restarted.say("RESTART"))
            #expect(left.state == .start && goodbye.hasSuffix("Your next message starts again."))
            #expect(restarted.state.draft == nil && again.contains("Let us start again."))
            let isDropped = world.state.draft.map { !$0.isEmpty } ?? false
            #expect(
                goodbye.contains("claim is dropped") == isDropped && again.contains("claim is dropped") == isDropped)
        }
    }

    @Test func nothingIsSaidAfterStop() {
        for world in Everywhere.known {
            var stopped = world
            #expect(stopped.receive(.text("stop!")).deeds == [.optOut])
            for text in Self.commands + ["YES", "NO", "leeds to york", "123456", ""] {
                var next = stopped
                let reply = next.say(text)
                let isHeard = text == "START" || text == "HELP" || Command(reading: text) == .help
                #expect(reply.isEmpty != isHeard, "\(text): \(reply)")
                if !isHeard { #expect(next.state == .optedOut && next.user == stopped.user) }
            }
            var voice = stopped
            #expect(voice.hear(.other(.voiceNote)).isEmpty && voice.state == .optedOut)
            #expect(stopped.say("START").hasPrefix("Welcome back."))
            #expect(stopped.inconsistencies.isEmpty)
        }
    }

    /// Says what was of no use, what is needed, and how that looks; what was said before is kept.
    @Test func everyStateHasAReplyToBeingLost() {
        for world in Everywhere.known where world.state != .start {
            for input in [Conversation.Input.text("asdf ghjkl"), .other(.voiceNote), .other(.location)] {
                var next = world
                let reply = next.hear(input)
                #expect(next.state == world.state, "\(StoredState(world.state)) \(reply)")
                #expect(reply.hasPrefix("Sorry, "), "\(reply)")
                #expect(reply.contains("for example") || reply.contains("For example") || reply.contains("eply "))
                if let draft = world.state.draft, !draft.answered.isEmpty, input.kind == nil,
                    !world.state.isConfirmingErasure, StoredState(world.state).name != "choosingStation"
                {
                    #expect(reply.contains("Leeds") || reply.contains("York"), "what was said is told: \(reply)")
                }
            }
        }
    }
}
