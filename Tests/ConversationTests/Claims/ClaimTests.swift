import Testing

@testable import Conversation

@Suite struct ClaimTests {
    @Test func oneSentenceFillsFiveSlots() throws {
        var chat = ClaimChat()
        let reply = chat.send(ClaimChat.sentence)
        #expect(chat.claimState == .collecting(.fare))
        #expect(
            reply.contains("Leeds (LDS)") && reply.contains("York (YRK)")
                && reply.contains("Sat 21 Nov 2026"))
        chat.send("£45.60 off-peak single")
        #expect(chat.claimState == .collecting(.ticketClass))
        chat.send("first")
        #expect(chat.claimState == .collecting(.ticketPhoto))
        let summary = chat.send(ClaimChat.photo("image/jpeg"))
        #expect(chat.claimState == .confirmingClaim)
        for part in [
            "Leeds (LDS) to York (YRK)", "Sat 21 Nov 2026", "14:30", "40 minutes",
            "£45.60, first class, off-peak", "attached",
        ] {
            #expect(summary.contains(part), "\(part)")
        }
        #expect(chat.submitted.isEmpty)
        let thanks = chat.send("yes")
        #expect(thanks.contains("DR-7K2M"))
        #expect(chat.state == .menu())
        let claim = try #require(chat.submitted.first)
        #expect(chat.submitted.count == 1)
        #expect(claim.origin == "LDS" && claim.destination == "YRK" && claim.fare?.pence == 4560)
        #expect(LondonTime.rfc3339(claim.departure) == "2026-11-21T14:30:00+00:00")
        #expect(claim.photo?.contentType == "image/jpeg" && claim.delay.minutes == 40)
        chat.send("yes")
        #expect(chat.submitted.count == 1)
    }

    @Test func stepByStep() throws {
        var chat = ClaimChat()
        let steps: [(String, Conversation.ClaimState)] = [
            ("delay", .collecting(.origin)), ("leeds", .collecting(.destination)),
            ("york", .collecting(.date)),
            ("last tue", .collecting(.departure)), ("8:15am", .collecting(.delay)),
            ("cancelled", .collecting(.fare)), ("skip", .collecting(.ticketClass)),
            ("skip", .collecting(.ticketType)),
            ("SKIP", .collecting(.ticketPhoto)), ("skip", .confirmingClaim),
        ]
        for (text, state) in steps {
            chat.send(text)
            #expect(chat.claimState == state, "\(text)")
        }
        chat.send("YES")
        let claim = try #require(chat.submitted.first)
        #expect(
            claim.delay.isCancelled && claim.delay.minutes == nil && claim.fare == nil
                && claim.photo == nil)
    }

    /// A wrong input at any step changes nothing but the reply, and the right one then goes on as if it had not been.
    @Test func mistakesLoseNothing() {
        let mistakes = [
            "", "???", "asdf ghjkl", "tomorrow", "32/13", "25:99", "£0", "£5000", "from narnia",
            "12345678", "👍", "leeds to leeds",
            "1/1/2020", "help", "settings", "status", "edit", "terms", "hello", "\u{0}",
            String(repeating: "no ", count: 900),
        ]
        for chat in ClaimChat.everywhere() {
            for mistake in mistakes {
                if mistake == "👍", chat.claimState == .confirmingClaim { continue }
                var wrong = chat
                let reply = wrong.send(mistake)
                #expect(
                    wrong.state == chat.state, "\(mistake.prefix(20)) at \(StoredState(chat.state).name)")
                #expect(wrong.last.replies.count == 1 && wrong.last.deeds.isEmpty)
                #expect((1...1000).contains(reply.utf16.count))
            }
            for kind in Conversation.Kind.allCases {
                var wrong = chat
                wrong.send(.other(kind))
                #expect(wrong.state == chat.state)
            }
        }
    }

    @Test func correctionsRefillOneSlot() throws {
        let cases: [(String, (Conversation.ClaimDraft) -> Bool)] = [
            ("no, it was tuesday", { $0.date?.description == "2026-11-17" }),
            ("sorry, 15:30", { $0.departure?.hour == 15 }),
            ("from Hull not Leeds", { $0.origin == "HUL" && $0.destination == "YRK" }),
            ("Hull, not York", { $0.destination == "HUL" && $0.origin == "LDS" }),
            ("it was over two hours", { $0.delay?.minutes == 120 && $0.delay?.precision == .over }),
            ("actually the train was cancelled", { $0.delay?.isCancelled == true }),
            ("it cost £99", { $0.fare?.pence == 9900 }), ("first class", { $0.ticketClass == .first }),
            ("off-peak", { $0.ticketType == .offPeak }),
        ]
        for (text, isCorrected) in cases {
            var chat = ClaimChat.complete()
            let before = try #require(chat.draft)
            chat.send(text)
            #expect(chat.claimState == .confirmingClaim, "\(text)")
            let draft = try #require(chat.draft)
            #expect(isCorrected(draft), "\(text): \(draft)")
            let changed = Conversation.Slot.allCases.filter { slot in
                before.has(slot) != draft.has(slot)
            }
            #expect(changed.isEmpty)
        }
    }

    @Test func everyAnswerCanBeEdited() throws {
        let edits: [(String, String)] = [
            ("EDIT DATE", "monday"), ("edit from", "hull"), ("EDIT TO", "hull"),
            ("change the time", "9:30am"), ("EDIT DELAY", "50"),
            ("EDIT FARE", "20"), ("EDIT CLASS", "first"), ("EDIT TYPE", "season"),
        ]
        for (edit, answer) in edits {
            var chat = ClaimChat.complete()
            let before = try #require(chat.draft)
            chat.send(edit)
            #expect(chat.claimState != .confirmingClaim && chat.draft == before, "\(edit)")
            chat.send(answer)
            #expect(chat.claimState == .confirmingClaim && chat.draft != before, "\(edit): \(answer)")
        }
        var chat = ClaimChat.complete()
        chat.send("EDIT PHOTO")
        chat.send(ClaimChat.photo("application/pdf"))
        #expect(chat.claimState == .confirmingClaim && chat.draft?.photo != nil)
    }

    @Test func severalStationsAreOffered() {
        var chat = ClaimChat()
        let reply = chat.send("london to newport, yesterday")
        #expect(reply.contains("1. London Kings Cross") && reply.contains("13. "))
        chat.send("london euston")
        #expect(chat.draft?.origin == "EUS")
        #expect(chat.claimState == .choosingStation(.destination, candidates: ["NWE", "NWP"]))
        chat.send("7")
        #expect(chat.claimState == .choosingStation(.destination, candidates: ["NWE", "NWP"]))
        chat.send("2")
        #expect(chat.draft?.destination == "NWP" && chat.draft?.date == Notation.date("2026-11-21"))
        #expect(chat.claimState == .collecting(.departure))
    }

    @Test func morningOrAfternoonIsAsked() {
        for (answer, hour) in [("am", 2), ("pm please", 14), ("14:30", 14), ("in the afternoon", 14)] {
            var chat = ClaimChat()
            let reply = chat.send("half two from leeds to york yesterday")
            #expect(reply.contains("02:30 or 14:30"))
            chat.send(answer)
            #expect(chat.draft?.departure?.hour == hour, "\(answer)")
            #expect(chat.draft?.date != nil && chat.claimState == .collecting(.delay))
        }
    }

    @Test func refusalsSayWhy() {
        let cases: [(Conversation.Slot, String, String)] = [
            (.date, "tomorrow", "has not come yet"), (.date, "1 June", "too long ago"),
            (.date, "31/11", "not a date"),
            (.departure, "25:00", "not a time"), (.delay, "on time", "how late"),
            (.delay, "30 hours", "more than a day"),
            (.fare, "£2000", "£1,000"), (.origin, "Narnia", "Did you mean"),
            (.ticketPhoto, "asdf", "did not understand"),
            (.origin, "York", "cannot begin and end at York"),
        ]
        for (slot, text, words) in cases {
            var chat = ClaimChat.complete()
            chat.send(
                "EDIT "
                    + [
                        "date": "date", "departure": "time", "delay": "delay", "fare": "fare", "origin": "from",
                        "ticketPhoto": "photo",
                    ][slot.rawValue, default: ""])
            #expect(chat.claimState == .collecting(slot))
            let before = chat.draft
            #expect(chat.send(text).contains(words), "\(slot): \(text)")
            #expect(chat.claimState == .collecting(slot) || chat.claimState == .confirmingClaim)
            #expect(chat.draft == before)
        }
    }

    /// The 19:30 of today has not left at 18:00; the one of 18:00 has.
    @Test func aTrainThatHasNotLeftIsRefused() {
        var chat = ClaimChat()
        #expect(chat.send("19:30 from leeds to york today").contains("has not come yet"))
        #expect(chat.draft?.departure == nil && chat.draft?.date == Notation.today)
        chat.send("18:00")
        #expect(chat.draft?.departure?.hour == 18)
    }

    @Test(arguments: [
        "the 14:30 from leeds to york yesterday was 40 minutes late, advance standard ticket for £12.50, no photo",
        "Yesterday's 14:30 Leeds to York arrived 40 min late. £12.50 standard advance, I have lost my ticket",
        "£12.50 standard advance single without a picture, 14:30 leeds - york yesterday, 40 minutes late",
    ]) func oneSentenceAndAYesMakeAClaim(sentence: String) throws {
        var chat = ClaimChat()
        #expect(chat.send(sentence).contains("Leeds"))
        try #require(chat.claimState == .confirmingClaim)
        chat.send("yes")
        let claim = try #require(chat.submitted.first)
        #expect(claim.origin == "LDS" && claim.destination == "YRK" && claim.delay.minutes == 40)
        #expect(claim.fare?.pence == 1250 && claim.ticketClass == .standard && claim.ticketType == .advance)
    }

    @Test func skipAllGoesStraightToTheSummary() {
        var chat = ClaimChat()
        chat.send(ClaimChat.sentence)
        #expect(chat.claimState == .collecting(.fare))
        #expect(chat.send("skip all").contains("leave the rest out"))
        #expect(chat.claimState == .confirmingClaim)
        chat.send("BACK")
        #expect(chat.claimState == .collecting(.ticketPhoto))
        chat.send("that's all")
        #expect(chat.claimState == .confirmingClaim)
    }

    @Test func skipAllLeavesWhatIsNeeded() {
        var chat = ClaimChat()
        chat.send("leeds to york")
        #expect(chat.send("skip all").contains("Which day"))
        #expect(chat.claimState == .collecting(.date))
        chat.send("yesterday 14:30, 40 minutes late")
        #expect(chat.claimState == .confirmingClaim)
    }

    @Test func backGoesThroughEveryQuestion() {
        var chat = ClaimChat.complete()
        for slot in Conversation.ClaimDraft.order.reversed() {
            chat.send("BACK")
            #expect(chat.claimState == .collecting(slot))
        }
        #expect(chat.send("back").contains("first question"))
        #expect(chat.claimState == .collecting(.origin))
        chat.send("hull")
        #expect(
            chat.claimState == .confirmingClaim && chat.draft?.origin == "HUL"
                && chat.draft?.fare?.pence == 1250)
    }

    @Test func cancelDropsTheDraft() {
        for var chat in ClaimChat.everywhere() {
            #expect(chat.send("cancel").contains("dropped"))
            #expect(chat.state == .menu() && chat.submitted.isEmpty)
        }
    }

    @Test func aPhotoIsTakenAnywhere() {
        for var chat in ClaimChat.everywhere() {
            for type in ["image/jpeg", "image/png", "application/pdf", "IMAGE/JPEG; charset=binary"] {
                var copy = chat
                #expect(copy.send(ClaimChat.photo(type)).contains("attached"))
                #expect(copy.draft?.photo != nil)
            }
            let isAsked = chat.claimState == .collecting(.ticketPhoto)
            chat.send(ClaimChat.photo("image/webp"))
            #expect((chat.draft?.photo != nil) == isAsked)
        }
        var chat = ClaimChat()
        chat.send(ClaimChat.photo("image/png", caption: ClaimChat.sentence))
        #expect(chat.draft?.photo != nil && chat.draft?.origin == "LDS")
    }

    /// The input that opens a session is also processed.
    @Test(arguments: ["DELAY", ClaimChat.sentence, "status"]) func nothingIsSwallowedByAGreeting(
        text: String
    ) {
        var chat = ClaimChat()
        chat.state = .start
        let reply = chat.send(text)
        #expect(reply.contains("Welcome back") && !reply.contains("did not understand"))
        #expect(text == "status" ? reply.contains("no claims") : chat.draft != nil)
    }

    @Test func claimsAreListed() {
        var chat = ClaimChat()
        for (number, progress) in Conversation.Claiming.Progress.allCases.enumerated() {
            chat.claims.append(
                .init(
                    reference: "DR-\(number)", origin: "LDS", destination: "YRK", date: Notation.today,
                    progress: progress, compensation: progress == .paid ? 1250 : nil))
        }
        let reply = chat.send("my claims")
        #expect(reply.contains("DR-0: Leeds to York, Sun 22 Nov 2026, received"))
        #expect(
            reply.contains("DR-4: Leeds to York, Sun 22 Nov 2026, paid, £12.50")
                && !reply.contains("DR-5"))
    }

    @Test func sessionsEndAsEverywhere() {
        for chat in ClaimChat.everywhere() {
            for (text, state) in [
                ("LOGOUT", Conversation.State.start), ("STOP", .optedOut), ("RESTART", .menu()),
            ] {
                var copy = chat
                copy.send(text)
                #expect(copy.state == state)
            }
            var context = chat.context
            context.claiming = nil
            #expect(Conversation.reduce(chat.state, .text("hello"), context).state == .menu())
            context.user.isVerified = false
            #expect(Conversation.reduce(chat.state, .text("hello"), context).state == .awaitingOTP(chat.draft))
        }
    }
}
