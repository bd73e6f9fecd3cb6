@testable import Conversation

/// States, inputs and contexts that tests share.
enum Samples {
    static let states: [Conversation.State] = [
        .start, .awaitingTerms(), .awaitingPhone(), .awaitingOTP(), .menu(), .confirmingErasure(from: .menu()),
        .optedOut,
    ]

    static let termsURL = "https://example.com/terms"

    static func user(
        isNew: Bool = false, name: String? = "Ana", phone: String? = "+447700900123", byUsername: Bool = false,
        verified: Bool = false, terms: Bool = false, optedOut: Bool = false
    ) -> Conversation.User {
        Conversation.User(
            isNew: isNew, displayName: name, phoneNumber: phone, isKnownByUsernameOnly: byUsername,
            isVerified: verified, termsAccepted: terms, isOptedOut: optedOut)
    }

    static func context(
        _ user: Conversation.User, check: Conversation.CodeCheck = .noCode,
        allowance: Conversation.CodeAllowance = .allowed, channel: Conversation.CodeChannel = .sms
    ) -> Conversation.Context {
        Conversation.Context(
            user: user, codeCheck: check, codeAllowance: allowance, termsURL: termsURL, termsVersion: "2026-01",
            codeChannel: channel)
    }

    /// Somebody as they are when they stand in a state, having come there in the usual way.
    static func user(in state: Conversation.State) -> Conversation.User {
        switch state {
        case .start, .menu, .claiming: user(verified: true, terms: true)
        case .awaitingTerms: user()
        case .awaitingPhone: user(phone: nil, byUsername: true, terms: true)
        case .awaitingOTP: user(terms: true)
        case .confirmingErasure(let interrupted): user(in: interrupted)
        case .optedOut: user(verified: true, terms: true, optedOut: true)
        }
    }
}

extension Samples {
    /// What people send, by what they mean; nil for what no state has a word for.
    static let texts: [(meaning: Command?, texts: [String])] = [
        (.yes, ["YES", "y", "Yeah!", "ok", "I agree.", "yes please", "👍"]),
        (.no, ["NO", "nope", "CANCEL", "No thanks", "i don’t agree"]),
        (.terms, ["TERMS", "t&c's", "Terms and Conditions?"]),
        (.resend, ["RESEND", "resend code please", "I didn't get a code"]),
        (.changeNumber, ["CHANGE NUMBER", "change my number", "wrong number!"]),
        (.help, ["HELP", "help me please", "?", "what can I do?"]),
        (.menu, ["MENU", "menu please", "main menu"]),
        (.restart, ["RESTART", "start again", "Start over"]),
        (.logout, ["LOGOUT", "log out", "bye"]),
        (.stop, ["STOP", " stop. ", "ＳＴＯＰ", "Unsubscribe", "opt-out", "stop messaging me"]),
        (.start, ["START", "unstop", "opt in"]),
        (.deleteMyData, ["DELETE MY DATA", "please delete all my data!", "forget me"]),
        (.reallyDelete, ["Yes, delete my data"]),
        (.greeting, ["hello", "thank you", "👋"]),
        (
            nil,
            [
                "", " ", "\n", "123456", "code: 123 456", "000000", "12345", "1234567", "07700 900123",
                "+33 6 12 34 56 78", "delay leeds to york yesterday", "DELAY", "STATUS", "SETTINGS", "mute",
                "LANGUAGE WELSH",
                "language french", "time zone Paris", "BACK", "WITHDRAW DR-7K3M9Q", "CLAIM",
                "stop the train", "Robert'); DROP TABLE users;--", "%s%n %@ \\(code) {name}", "\u{0}\u{1}\u{202E}abc",
                "e\u{301}\u{301}\u{301}", "👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿", "１２３４５６", "مرحبا",
                String(repeating: "9", count: 5000), String(repeating: "a ", count: 4000),
            ]
        ),
    ]

    static let media: [Conversation.Input] = [
        "image/jpeg", "image/webp", "audio/ogg", "video/mp4", "application/pdf", "text/vcard", "",
    ].map { .media(.init(url: "https://example.com/m", contentType: $0, caption: nil)) }

    static let inputs: [Conversation.Input] =
        texts.flatMap(\.texts).map { .text($0) } + media + Conversation.Kind.allCases.map { .other($0) } + [
            .media(.init(url: "", contentType: "image/png", caption: "my ticket")),
            .media(.init(url: "", contentType: "image/png", caption: "HELP")),
        ]

    static let checks: [Conversation.CodeCheck] = [
        .noCode, .noChallenge, .expired, .burned, .wrong(attemptsLeft: 4), .wrong(attemptsLeft: 1),
        .wrong(attemptsLeft: 0), .wrongAndLocked(minutes: 60), .correct,
    ]

    static let allowances: [Conversation.CodeAllowance] = [
        .allowed, .wait(minutes: 1), .wait(minutes: 7), .dailyLimit, .locked(minutes: 59),
    ]

    /// Everybody there can be, likely or not.
    static let users: [Conversation.User] = [nil, "+447700900123"].flatMap { phone in
        (0..<32).map { bits in
            user(
                isNew: bits & 1 != 0, phone: phone, byUsername: bits & 2 != 0, verified: bits & 4 != 0,
                terms: bits & 8 != 0, optedOut: bits & 16 != 0)
        }
    }
}

extension Conversation.Transition {
    /// What is said.
    var replies: [Conversation.Reply] {
        effects.compactMap { if case .reply(let reply) = $0 { reply } else { nil } }
    }

    /// What is done, the reply apart.
    var deeds: [Conversation.Effect] {
        effects.filter { if case .reply = $0 { false } else { true } }
    }
}
