import Common
import Conversation
import TestSupport
import Testing

@testable import Worker

/// One-time codes with the worker's own reading, deciding and writing.
@Suite(.sendingGround) struct CodeDatabaseTests {
    private static let number = "+447700900123"
    private let ada = CodeGround.Sender.phone(number)

    /// 28 hours of guessing by one number: no more tries than the limits give.
    @Test(.timeLimit(.minutes(1))) func oneNumberGuesses() async throws {
        try await CodeGround.run { ground in
            var code = try await ground.register(ada).code
            var guesses = 0
            for round in 0..<500 {
                let heard = try await ground.say(CodeGround.wrong(code), from: ada)
                guesses += 1
                #expect(heard.state == .awaitingOTP())
                if case .codeWrong = heard.reply {
                } else {
                    code = try await ground.say("RESEND", from: ada).code ?? code
                }
                ground.pass(.seconds(round % 7 == 0 ? 1400 : 2))
            }
            let tries = try await ground.tries()
            #expect(tries.mostOfOneCode == 5 && tries.all <= 100 && tries.all >= 50, "\(tries) of \(guesses)")
            let (short, long) = (try await ground.mostSends(within: 600), try await ground.mostSends(within: 86_400))
            #expect(short <= 3 && long <= 10, "\(short) in ten minutes, \(long) in a day")
            #expect(try await ground.psql("SELECT verified_at FROM whatsapp_handler.users") == "")
            let locks = try await ground.psql(
                "SELECT count(*) FROM whatsapp_handler.outbox_events WHERE event_type = 'user.locked'")
            #expect(Int(locks).map { $0 >= tries.all / 10 } == true, "\(locks) locks")
        }
    }

    /// Senders known only by a username, who all give the same number: its limits are theirs together.
    @Test(.timeLimit(.minutes(1))) func manySendersGuessAgainstOneNumber() async throws {
        try await CodeGround.run { ground in
            let strangers = (1...8).map { CodeGround.Sender.username($0) }
            for stranger in strangers {
                try await ground.register(stranger, giving: Self.number)
                ground.pass(.seconds(601))
            }
            for round in 0..<4 {
                for stranger in strangers {
                    let code = try await ground.say(
                        ["RESEND", "CHANGE NUMBER", "LOGOUT", "RESTART"][round], from: stranger
                    ).code
                    // Another number in the message that opens a session is not the one that the code goes to.
                    if round > 0 { try await ground.say(round == 1 ? Self.number : "07700 900999", from: stranger) }
                    for _ in 0..<6 { try await ground.say(CodeGround.wrong(code), from: stranger) }
                    ground.pass(.seconds(200))
                }
            }
            let (short, long) = (try await ground.mostSends(within: 600), try await ground.mostSends(within: 86_400))
            #expect(short <= 3 && long <= 10, "\(short) in ten minutes, \(long) in a day")
            let tries = try await ground.tries()
            #expect(tries.all <= 50 && tries.mostOfOneCode == 5, "\(tries)")
        }
    }

    /// All of them at the same moment: each reads before any has written.
    @Test(.timeLimit(.minutes(1))) func manySendersAskAtTheSameMoment() async throws {
        try await CodeGround.run { ground in
            let strangers = (1...12).map { CodeGround.Sender.username($0) }
            for stranger in strangers { try await ground.register(stranger) }
            let heard = try await withThrowingTaskGroup(of: CodeGround.Heard.self) { group in
                for stranger in strangers {
                    group.addTask { try await ground.say(Self.number, from: stranger) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(heard.count { $0.code != nil } == 3)
            #expect(heard.count { $0.reply == .codeDelayed(minutes: 10, again: .sendNumber) } == 9)
            #expect(try await ground.mostSends(within: 600) == 3)
        }
    }

    /// To be forgotten and to come again as somebody new lifts no limit of the number.
    @Test(.timeLimit(.minutes(1))) func whoIsErasedGainsNothing() async throws {
        try await CodeGround.run { ground in
            var (codes, tries) = (0, 0)
            let stranger = CodeGround.Sender.username(2)
            codes += try await ground.register(stranger, giving: Self.number).code == nil ? 0 : 1
            for _ in 0..<8 {
                for sender in [ada, .username(1)] {
                    var heard = try await ground.register(sender, giving: sender == ada ? nil : Self.number)
                    for _ in 0..<2 {
                        if heard.code != nil { codes += 1 }
                        for _ in 0..<6 {
                            let guess = try await ground.say(CodeGround.wrong(heard.code), from: sender)
                            tries += guess.effects.contains(.recordWrongCode) ? 1 : 0
                        }
                        heard = try await ground.say("RESEND", from: sender)
                    }
                    if heard.code != nil { codes += 1 }
                    try await ground.say("DELETE MY DATA", from: sender)
                    let gone = try await ground.say("YES", from: sender)
                    #expect(gone.effects.contains(.eraseUser))
                    // Who gave the number before they went is held to its limits as well.
                    codes += try await ground.say("RESEND", from: stranger).code == nil ? 0 : 1
                    ground.pass(.seconds(650))
                }
            }
            #expect(codes <= 10 && codes > 3, "\(codes) codes in \(8 * 2 * 650) seconds")
            #expect(tries <= 50, "\(tries) guesses")
        }
    }

    @Test func aCodeEndsAtFiveMinutes() async throws {
        try await CodeGround.run { ground in
            let bob = CodeGround.Sender.phone("+447700900456")
            let sentAt = ground.now
            let (first, second) = (try await ground.register(ada).code, try await ground.register(bob).code)
            ground.set(sentAt + .seconds(300))
            let late = try await ground.say(try #require(first), from: ada)
            #expect(late.reply == .codeExpired && late.state == .awaitingOTP())
            ground.set(sentAt + .seconds(300) - .microseconds(1))
            let inTime = try await ground.say("it is " + (try #require(second)), from: bob)
            #expect(inTime.effects.contains(.consumeCode) && inTime.state == .menu())
        }
    }

    /// A code is its owner's, the newest, and good for one time.
    @Test func aCodeWorksOnceForItsOwnerAndUntilTheNext() async throws {
        try await CodeGround.run { ground in
            let (eve, bob) = (CodeGround.Sender.username(1), CodeGround.Sender.username(2))
            let hers = try #require(try await ground.register(eve, giving: Self.number).code)
            let his = try #require(try await ground.register(bob, giving: Self.number).code)
            if hers != his {
                let foreign = try await ground.say(his, from: eve)
                #expect(foreign.reply == .codeWrong(attemptsLeft: 4), "sent to the same number for another")
            }
            ground.pass(.seconds(1))
            let newer = try #require(try await ground.say("RESEND", from: bob).code)
            if newer != his {
                let old = try await ground.say(his, from: bob)
                #expect(old.reply == .codeWrong(attemptsLeft: 4), "a new code replaces the old")
            }
            let good = try await ground.say(newer, from: bob)
            #expect(good.effects.contains(.consumeCode))
            // Again: at the menu, in a new session, and when all that is known of the success is the code's row.
            let atMenu = try await ground.say(newer, from: bob)
            #expect(!atMenu.effects.contains(.consumeCode))
            _ = try await ground.psql("UPDATE whatsapp_handler.users SET verified_at = NULL, phone_number = NULL")
            try await ground.say("LOGOUT", from: bob)
            let again = try await ground.say(newer, from: bob)
            #expect(again.reply == .codeMissing && !again.effects.contains(.consumeCode))
        }
    }

    @Test func theLockEndsAfterAnHour() async throws {
        try await CodeGround.run { ground in
            var code = try await ground.register(ada).code
            for _ in 0..<5 { try await ground.say(CodeGround.wrong(code), from: ada) }
            ground.pass(.seconds(1))
            code = try await ground.say("RESEND", from: ada).code
            for _ in 0..<4 { try await ground.say(CodeGround.wrong(code), from: ada) }
            let lockedAt = ground.now
            let last = try await ground.say(CodeGround.wrong(code), from: ada)
            #expect(last.reply == .codeLocked(minutes: 60, again: .resend))
            // Not even the right code, and no other.
            let right = try await ground.say(try #require(code), from: ada)
            #expect(right.reply == .codeLocked(minutes: 60, again: .resend) && right.state == .awaitingOTP())
            ground.set(lockedAt + .seconds(3600) - .microseconds(1))
            let early = try await ground.say("RESEND", from: ada)
            #expect(early.reply == .codeLocked(minutes: 1, again: .resend) && early.code == nil)
            ground.set(lockedAt + .seconds(3600))
            let fresh = try #require(try await ground.say("RESEND", from: ada).code)
            let done = try await ground.say(fresh, from: ada)
            #expect(done.effects.contains(.consumeCode) && done.state == .menu())
        }
    }

    @Test func tenCodesADay() async throws {
        try await CodeGround.run { ground in
            let firstAt = ground.now
            try await ground.register(ada)
            for number in 2...10 {
                ground.pass(.seconds(601))
                #expect(try await ground.say("RESEND", from: ada).code != nil, "\(number)")
            }
            ground.pass(.seconds(601))
            let over = try await ground.say("RESEND", from: ada)
            #expect(over.code == nil && over.reply == .codeLimitReached(again: .resend))
            ground.set(firstAt + .seconds(86_400) - .microseconds(1))
            #expect(try await ground.say("RESEND", from: ada).code == nil)
            ground.set(firstAt + .seconds(86_400))
            #expect(try await ground.say("RESEND", from: ada).code != nil)
            #expect(try await ground.mostSends(within: 86_400) == 10)
        }
    }

    /// While a code is out, no message is stored in clear that may hold it, whatever it looks like and wherever said.
    @Test func whatMayHoldACodeIsNotStored() async throws {
        try await CodeGround.run { ground in
            let code = try #require(try await ground.register(ada).code)
            try await ground.say("LOGOUT", from: ada)
            for text in ["is it \(code) or \(CodeGround.wrong(code))?", "\(code) 07700 900123"] {
                try await ground.say(text, from: ada)
            }
            let stored = try await ground.psql(
                "SELECT encode(raw, 'escape') FROM whatsapp_handler.inbound_messages")
            #expect(!stored.contains(code))
            #expect(stored.contains("Body=hi"), "what came before is kept")
        }
    }
}
