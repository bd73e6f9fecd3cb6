@testable import Conversation

/// A state as `docs/conversation.md` shows it: who may be in it, what they send, and what comes of it.
struct ShownState {
    var world: World
    /// What else may be known of the sender there, by a name.
    var others: [(who: String, user: Conversation.User)] = []
    /// What is sent there beside what is sent everywhere: how it is called, and what it is.
    var answers: [(sent: String, input: Conversation.Input)] = []

    var name: String { StoredState(world.state).name }

    struct Row {
        var who: String
        var sent: String
        var outcome: Conversation.Transition

        var next: String { StoredState(outcome.state).name }
    }

    /// What leads away from every state alike.
    static let everywhere: Set<String> = ["LOGOUT", "STOP", "DELETE MY DATA", "RESTART", "MENU", "CANCEL"]

    private static let commands = [
        "YES", "NO", "TERMS", "RESEND", "CHANGE NUMBER", "HELP", "MENU", "DELAY", "STATUS", "WITHDRAW DR-7K3M9Q",
        "BACK",
        "SKIP", "EDIT DATE", "CANCEL", "SETTINGS", "NOTIFICATIONS OFF", "LANGUAGE WELSH", "TIME ZONE PARIS", "RESTART",
        "LOGOUT", "STOP", "START", "DELETE MY DATA",
    ]

    var rows: [Row] {
        ([(who: who, user: world.user)] + others).flatMap { who, user in
            let plain = (Self.commands + ["hello", "anything else"]).map { ($0, Conversation.Input.text($0)) }
            let voice = ("a voice note", Conversation.Input.other(.voiceNote))
            return (plain + [voice] + answers).map { sent, input in
                Row(who: who, sent: sent, outcome: outcome(input, user))
            } + (who.isEmpty || who == "not verified" ? codes(who, user) : [])
        }
    }

    private var who: String { world.state == .start ? "unknown" : "" }

    private func outcome(
        _ input: Conversation.Input, _ user: Conversation.User, check: Conversation.CodeCheck = .noCode,
        allowance: Conversation.CodeAllowance = .allowed
    ) -> Conversation.Transition {
        var context = Samples.context(user, check: check, allowance: allowance)
        context.claiming = Everywhere.claiming
        return Conversation.reduce(world.state, input, context)
    }

    /// What the worker may find out of a code, and of the limits.
    private func codes(_ who: String, _ user: Conversation.User) -> [Row] {
        func row(
            _ sent: String, _ text: String, _ check: Conversation.CodeCheck, _ allowance: Conversation.CodeAllowance
        ) -> Row {
            Row(
                who: who, sent: sent,
                outcome: outcome(.text(text), user, check: check, allowance: allowance))
        }
        switch world.state {
        case .awaitingPhone:
            return [row("a mobile number, too soon", "07700 900123", .noCode, .wait(minutes: 4))]
        case .awaitingOTP:
            return [
                row("the right code", "123456", .correct, .allowed),
                row("a wrong code", "123456", .wrong(attemptsLeft: 4), .allowed),
                row("a wrong code, the last try", "123456", .wrong(attemptsLeft: 0), .allowed),
                row("a wrong code, too many in a row", "123456", .wrongAndLocked(minutes: 60), .allowed),
                row("the right code, locked", "123456", .correct, .locked(minutes: 12)),
                row("a code that is too old", "123456", .expired, .allowed),
                row("a code tried too often", "123456", .burned, .allowed),
                row("a code, none sent", "123456", .noChallenge, .allowed),
                row("RESEND, too soon", "RESEND", .noCode, .wait(minutes: 4)),
                row("RESEND, too many today", "RESEND", .noCode, .dailyLimit),
                row("RESEND, locked", "RESEND", .noCode, .locked(minutes: 60)),
            ]
        case .start, .awaitingTerms, .menu, .claiming, .confirmingErasure, .optedOut: return []
        }
    }

    // MARK: - All of them

    private static let verified = Samples.user(verified: true, terms: true)
    private static let journey = (sent: "a journey told", input: Conversation.Input.text(ClaimChat.sentence))
    private static let photo = (sent: "a photo", input: ClaimChat.photo("image/jpeg"))

    static let all: [ShownState] =
        [
            ShownState(
                world: Everywhere.stranger(),
                others: [
                    ("no terms yet", Samples.user()), ("not verified", Samples.user(terms: true)),
                    ("verified", verified),
                ], answers: [journey]),
            ShownState(
                world: Everywhere.world(.awaitingTerms(), Samples.user()),
                others: [("username only", Samples.user(phone: nil, byUsername: true))], answers: [journey, photo]),
            ShownState(
                world: Everywhere.world(.awaitingPhone(), Samples.user(phone: nil, byUsername: true, terms: true)),
                answers: [("a mobile number", .text("07700 900123")), journey]),
            ShownState(
                world: Everywhere.world(.awaitingOTP(), Samples.user(terms: true)),
                others: [("username only", Samples.user(byUsername: true, terms: true))], answers: [journey]),
            ShownState(
                world: Everywhere.world(.menu(), verified),
                answers: [journey, photo, ("a journey from London", .text("london to york yesterday"))]),
        ] + claims + [
            ShownState(world: Everywhere.world(.confirmingErasure(from: .menu()), verified)),
            ShownState(
                world: Everywhere.world(.optedOut, Samples.user(verified: true, terms: true, optedOut: true)),
                answers: [journey]),
        ]

    /// The making of a claim, at one of each kind of question.
    private static let claims: [ShownState] = {
        var asked = ClaimChat()
        asked.send("leeds to york")
        var station = ClaimChat()
        station.send("leeds to newport yesterday")
        var time = ClaimChat()
        time.send("half two from leeds to york yesterday")
        return [
            ShownState(
                world: Everywhere.world(asked.state, verified),
                answers: [
                    ("a day", .text("yesterday")), ("a day to come", .text("tomorrow")),
                    ("a day long ago", .text("1 June")),
                    ("no day there is", .text("31/11")),
                    ("several answers", .text("yesterday at 14:30, 40 minutes late")),
                    ("another answer", .text("£12.50")), photo, ("a video", ClaimChat.photo("video/mp4")),
                ]),
            ShownState(
                world: Everywhere.world(station.state, verified),
                answers: [
                    ("a number of the list", .text("2")), ("one of the names", .text("newport essex")),
                    ("7", .text("7")),
                ]),
            ShownState(
                world: Everywhere.world(time.state, verified),
                answers: [("pm", .text("pm")), ("a time", .text("14:30"))]),
            ShownState(
                world: Everywhere.world(ClaimChat.complete().state, verified),
                answers: [("a correction", .text("it was 50 minutes")), photo]),
        ]
    }()
}
