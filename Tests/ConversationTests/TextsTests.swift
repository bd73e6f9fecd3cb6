import Testing

@testable import Conversation

@Suite struct TextsTests {
    private static let url = "https://example.com/" + String(repeating: "terms/", count: 46)
    private static let name = String(repeating: "W", count: 40)

    private static let questions: [Conversation.Reply] =
        [
            .welcome(name: name, termsURL: url), .termsQuestion(termsURL: url), .declined, .phoneQuestion,
            .codeWrong(attemptsLeft: 4), .codeBurned, .codeExpired, .codeMissing, .menu, .help(.terms), .help(.phone),
            .help(.menu), .help(.optedOut), .help(.erasure), .loggedOut, .optedOut,
            .erasureQuestion, .erased, .leftUnregistered,
        ]
        + settings.map(Conversation.Reply.settings)
        + [Conversation.Reply.Again.resend, .sendNumber].flatMap { again in
            [
                .codeDelayed(minutes: 10, again: again), .codeLimitReached(again: again),
                .codeLocked(minutes: 60, again: again),
            ]
        }
        + [true, false].flatMap { mayChange in
            [
                .codeSent(channel: .sms, numberEnding: "123", mayChangeNumber: mayChange),
                .codeSent(channel: .whatsApp, numberEnding: "123", mayChangeNumber: mayChange),
                .codeQuestion(mayChangeNumber: mayChange), .help(.code(mayChangeNumber: mayChange)),
            ]
        }

    private static let settings: [Conversation.SettingsReply] =
        [
            .shown(.standard),
            .shown(.init(notificationsEnabled: false, language: .welsh, timeZone: .london)),
            .notificationsQuestion, .languageQuestion, .timeZoneQuestion, .changed(.notifications(true)),
            .changed(.notifications(false)), .changed(.language(.welsh)), .changed(.language(.english)),
            .changed(.timeZone("America/Los_Angeles")),
        ]

    private static let prefaces: [Conversation.Reply.Preface] =
        [
            .welcomeBack(name: name), .optedIn, .startingAgain, .termsAccepted, .termsLink(termsURL: url), .verified,
            .menuLater, .numberUnreadable, .numberFixed, .notUnderstood, .introduction(name: name), .nothingDeleted,
            .nothingBefore,
        ] + settings.map(Conversation.Reply.Preface.settings)
        + Conversation.Kind.allCases.map(Conversation.Reply.Preface.cannotRead)

    /// Even with two sentences before it, a long name and a long link.
    @Test func noReplyIsTooLong() {
        for question in Self.questions {
            for preface in Self.prefaces {
                let reply = Conversation.Reply.after(.welcomeBack(name: Self.name), .after(preface, question))
                #expect(Wording.problems(reply.text).isEmpty, "\(reply)")
            }
        }
    }

    /// One text message of 160 plain characters, in which the code is found again, also when it is forwarded whole.
    @Test func theCodeMessageFitsOneTextMessage() {
        let text = Texts.codeMessage(code: "012345")
        #expect(text.hasPrefix("012345 "))
        #expect(text.utf8.count <= 160)
        #expect(Conversation.codeCandidate(in: text) == "012345")
    }

    @Test(arguments: [(0, "1 minute "), (1, "1 minute "), (2, "2 minutes ")])
    func minutesAreCounted(minutes: Int, text: String) {
        #expect(Texts.codeDelayed(minutes: minutes, again: .resend).contains(" \(text)"))
    }

    @Test(arguments: [(1, "1 try left"), (2, "2 tries left")])
    func triesAreCounted(tries: Int, text: String) {
        #expect(Texts.codeWrong(attemptsLeft: tries).contains(" \(text)"))
    }

    @Test(arguments: [
        (nil, nil), ("", nil), (" \n ", nil), ("Ana", "Ana"), ("  Ana\n\n Example ", "Ana Example"),
        ("*Ana* _B_ ~c~ `d`", "Ana B c d"), ("\u{202E}Ana\u{0}", "Ana"), ("Žofie 🚂", "Žofie 🚂"),
        (String(repeating: "a", count: 500), String(repeating: "a", count: 40)),
        ("a" + String(repeating: "\u{301}", count: 500), "a" + String(repeating: "\u{301}", count: 39)),
    ])
    func namesAreMadePresentable(given: String?, shown: String?) {
        let turn = Conversation.Turn(.text(""), Samples.context(Samples.user(name: given)))
        #expect(turn.name == shown)
    }

    /// What every sentence with a command in it looks like to the test that tries the commands.
    @Test func commandsAreReadOutOfTexts() {
        #expect(
            Advertised.commands(in: "Reply YES, NO or RESEND. Wrong? CHANGE NUMBER.") == [
                "YES", "NO", "RESEND", "CHANGE NUMBER",
            ])
        #expect(Advertised.commands(in: "A UK number. STOP. START: WhatsApp") == ["STOP", "START"])
    }
}
