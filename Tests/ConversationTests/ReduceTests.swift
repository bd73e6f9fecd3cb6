import Testing

@testable import Conversation

/// One row: who says what, where; what is done, what is said, where it leads.
struct Row: Sendable, CustomTestStringConvertible {
    var state: Conversation.State
    var input: Conversation.Input
    var context: Conversation.Context
    var expected: Conversation.Transition

    var testDescription: String { "\(state) \(input)" }

    init(
        _ state: Conversation.State, _ text: String, by user: Conversation.User? = nil,
        check: Conversation.CodeCheck = .noCode, allowance: Conversation.CodeAllowance = .allowed,
        channel: Conversation.CodeChannel = .sms, to next: Conversation.State, _ effects: [Conversation.Effect]
    ) {
        self.state = state
        self.input = .text(text)
        context = Samples.context(
            user ?? Samples.user(in: state), check: check, allowance: allowance, channel: channel)
        expected = .init(state: next, effects: effects)
    }
}

@Suite struct ReduceTests {
    private static let url = Samples.termsURL
    private static let newcomer = Samples.user(isNew: true, phone: "+447700900123")
    private static let byUsername = Samples.user(phone: nil, byUsername: true)
    private static let typedNumber = Samples.user(phone: "+447700900456", byUsername: true, terms: true)
    private static let termsOnly = Samples.user(terms: true)
    private static let verified = Samples.user(verified: true, terms: true)
    private static let oldTerms = Samples.user(verified: true)
    private static let terms = Conversation.Reply.termsQuestion(termsURL: url)
    private static let sent = Conversation.Reply.codeSent(channel: .sms, numberEnding: "123", mayChangeNumber: false)
    private static let ask = Conversation.Reply.codeQuestion(mayChangeNumber: false)
    private static let back = Conversation.Reply.Preface.welcomeBack(name: "Ana")

    static let start: [Row] = [
        Row(
            .start, "hi", by: newcomer, to: .awaitingTerms(),
            [.registerUser, .reply(.welcome(name: "Ana", termsURL: url))]),
        Row(
            .start, "YES", by: newcomer, to: .awaitingTerms(),
            [.registerUser, .reply(.welcome(name: "Ana", termsURL: url))]),
        Row(
            .start, "START", by: newcomer, to: .awaitingTerms(),
            [.registerUser, .reply(.welcome(name: "Ana", termsURL: url))]),
        Row(
            .start, "LOGOUT", by: newcomer, to: .awaitingTerms(),
            [.registerUser, .reply(.welcome(name: "Ana", termsURL: url))]),
        Row(.start, "STOP", by: newcomer, to: .optedOut, [.registerUser, .optOut, .reply(.optedOut)]),
        Row(
            .menu(), "hi", by: newcomer, to: .awaitingTerms(),
            [.registerUser, .reply(.welcome(name: "Ana", termsURL: url))]),
        Row(.start, "hello", by: verified, to: .menu(), [.reply(.after(back, .menu))]),
        Row(.start, "delay", by: verified, to: .menu(), [.reply(.after(back, .after(.notUnderstood, .menu)))]),
        Row(.start, "HELP", by: verified, to: .menu(), [.reply(.after(back, .help(.menu)))]),
        Row(.start, "LOGOUT", by: verified, to: .start, [.reply(.loggedOut)]),
        Row(.start, "STOP", by: verified, to: .optedOut, [.optOut, .reply(.optedOut)]),
        Row(.start, "hello", by: oldTerms, to: .awaitingTerms(), [.reply(.after(back, terms))]),
        Row(.start, "HELP", by: oldTerms, to: .awaitingTerms(), [.reply(.help(.terms))]),
        Row(.start, "hello", by: Samples.user(), to: .awaitingTerms(), [.reply(.after(back, terms))]),
        Row(.start, "hello", by: termsOnly, to: .awaitingOTP(), [.issueCode, .reply(.after(back, sent))]),
        Row(.start, "HELP", by: termsOnly, to: .awaitingOTP(), [.reply(.help(.code(mayChangeNumber: false)))]),
        Row(
            .start, "TERMS", by: termsOnly, to: .awaitingOTP(),
            [.reply(.after(.termsLink(termsURL: url), ask))]),
        Row(
            .start, "123456", by: termsOnly, check: .correct, to: .menu(),
            [.consumeCode, .reply(.after(.verified, .menu))]),
        Row(
            .start, "123456", by: termsOnly, check: .wrong(attemptsLeft: 2), to: .awaitingOTP(),
            [.recordWrongCode, .reply(.codeWrong(attemptsLeft: 2))]),
        Row(.start, "123456", by: Samples.user(), check: .correct, to: .awaitingTerms(), [.reply(.after(back, terms))]),
        Row(
            .start, "hi", by: termsOnly, allowance: .wait(minutes: 3), to: .awaitingOTP(),
            [.reply(.after(back, .codeDelayed(minutes: 3, again: .resend)))]),
        Row(
            .start, "hi", by: Samples.user(phone: nil, byUsername: true, terms: true), to: .awaitingPhone(),
            [.reply(.after(back, .phoneQuestion))]),
        Row(
            .start, "HELP", by: Samples.user(phone: nil, byUsername: true, terms: true), to: .awaitingPhone(),
            [.reply(.help(.phone))]),
        Row(.start, "CHANGE NUMBER", by: typedNumber, to: .awaitingPhone(), [.reply(.phoneQuestion)]),
    ]

    static let awaitingTerms: [Row] = [
        Row(
            .awaitingTerms(), "YES", to: .awaitingOTP(),
            [.acceptTerms(version: "2026-01"), .issueCode, .reply(.after(.termsAccepted, sent))]),
        Row(
            .awaitingTerms(), "yes", channel: .whatsApp, to: .awaitingOTP(),
            [
                .acceptTerms(version: "2026-01"), .issueCode,
                .reply(
                    .after(
                        .termsAccepted, .codeSent(channel: .whatsApp, numberEnding: "123", mayChangeNumber: false))),
            ]),
        Row(
            .awaitingTerms(), "ok", allowance: .dailyLimit, to: .awaitingOTP(),
            [
                .acceptTerms(version: "2026-01"),
                .reply(.after(.termsAccepted, .codeLimitReached(again: .resend))),
            ]),
        Row(
            .awaitingTerms(), "yes", by: byUsername, to: .awaitingPhone(),
            [.acceptTerms(version: "2026-01"), .reply(.after(.termsAccepted, .phoneQuestion))]),
        Row(
            .awaitingTerms(), "yes", by: oldTerms, to: .menu(),
            [.acceptTerms(version: "2026-01"), .reply(.after(.termsAccepted, .menu))]),
        Row(.awaitingTerms(), "NO", to: .start, [.reply(.declined)]),
        Row(.awaitingTerms(), "TERMS", to: .awaitingTerms(), [.reply(terms)]),
        Row(.awaitingTerms(), "START", to: .awaitingTerms(), [.reply(terms)]),
        Row(.awaitingTerms(), "hello", to: .awaitingTerms(), [.reply(terms)]),
        Row(.awaitingTerms(), "HELP", to: .awaitingTerms(), [.reply(.help(.terms))]),
        Row(.awaitingTerms(), "MENU", to: .awaitingTerms(), [.reply(.after(.menuLater, terms))]),
        Row(.awaitingTerms(), "RESTART", to: .awaitingTerms(), [.reply(.after(.startingAgain, terms))]),
        Row(.awaitingTerms(), "LOGOUT", to: .start, [.reply(.loggedOut)]),
        Row(.awaitingTerms(), "STOP", to: .optedOut, [.optOut, .reply(.optedOut)]),
        Row(.awaitingTerms(), "RESEND", to: .awaitingTerms(), [.reply(.after(.notUnderstood, terms))]),
        Row(.awaitingTerms(), "maybe", to: .awaitingTerms(), [.reply(.after(.notUnderstood, terms))]),
        Row(.awaitingTerms(), "123456", check: .correct, to: .awaitingTerms(), [.reply(.after(.notUnderstood, terms))]),
    ]

    static let awaitingPhone: [Row] = [
        Row(
            .awaitingPhone(), "07700 900123", to: .awaitingOTP(),
            [.setPhone("+447700900123"), .issueCode, .reply(sentHere)]),
        Row(
            .awaitingPhone(), "07700 900123", allowance: .wait(minutes: 2), to: .awaitingPhone(),
            [.reply(.codeDelayed(minutes: 2, again: .sendNumber))]),
        Row(
            .awaitingPhone(), "07700 900123", allowance: .dailyLimit, to: .awaitingPhone(),
            [.reply(.codeLimitReached(again: .sendNumber))]),
        Row(
            .awaitingPhone(), "07700 900123", allowance: .locked(minutes: 60), to: .awaitingPhone(),
            [.reply(.codeLocked(minutes: 60, again: .sendNumber))]),
        Row(.awaitingPhone(), "12", to: .awaitingPhone(), [.reply(.after(.numberUnreadable, .phoneQuestion))]),
        Row(
            .awaitingPhone(), "0113 496 0000", to: .awaitingPhone(), [.reply(.after(.numberUnreadable, .phoneQuestion))]
        ),
        Row(
            .awaitingPhone(), "123456", check: .correct, to: .awaitingPhone(),
            [
                .reply(.after(.numberUnreadable, .phoneQuestion))
            ]),
        Row(.awaitingPhone(), "HELP", to: .awaitingPhone(), [.reply(.help(.phone))]),
        Row(.awaitingPhone(), "MENU", to: .awaitingPhone(), [.reply(.after(.menuLater, .phoneQuestion))]),
        Row(.awaitingPhone(), "RESEND", to: .awaitingPhone(), [.reply(.after(.notUnderstood, .phoneQuestion))]),
        Row(.awaitingPhone(), "RESTART", to: .awaitingPhone(), [.reply(.after(.startingAgain, .phoneQuestion))]),
        Row(
            .awaitingPhone(), "TERMS", to: .awaitingPhone(), [.reply(.after(.termsLink(termsURL: url), .phoneQuestion))]
        ),
        Row(.awaitingPhone(), "hello", to: .awaitingPhone(), [.reply(.phoneQuestion)]),
        Row(.awaitingPhone(), "LOGOUT", to: .start, [.reply(.loggedOut)]),
        Row(.awaitingPhone(), "STOP", to: .optedOut, [.optOut, .reply(.optedOut)]),
        Row(.awaitingPhone(), "hi", by: verified, to: .menu(), [.reply(.after(back, .menu))]),
    ]
    private static let sentHere = Conversation.Reply.codeSent(
        channel: .sms, numberEnding: "123", mayChangeNumber: true)

    static let awaitingOTP: [Row] = [
        Row(.awaitingOTP(), "123456", check: .correct, to: .menu(), [.consumeCode, .reply(.after(.verified, .menu))]),
        Row(
            .awaitingOTP(), "123456", check: .correct, allowance: .wait(minutes: 5), to: .menu(),
            [.consumeCode, .reply(.after(.verified, .menu))]),
        Row(
            .awaitingOTP(), "123456", check: .correct, allowance: .dailyLimit, to: .menu(),
            [.consumeCode, .reply(.after(.verified, .menu))]),
        Row(
            .awaitingOTP(), "123456", check: .correct, allowance: .locked(minutes: 9), to: .awaitingOTP(),
            [.reply(.codeLocked(minutes: 9, again: .resend))]),
        Row(
            .awaitingOTP(), "123456", check: .wrong(attemptsLeft: 1), to: .awaitingOTP(),
            [.recordWrongCode, .reply(.codeWrong(attemptsLeft: 1))]),
        Row(
            .awaitingOTP(), "123456", check: .wrong(attemptsLeft: 0), to: .awaitingOTP(),
            [.recordWrongCode, .reply(.codeBurned)]),
        Row(
            .awaitingOTP(), "123456", check: .wrongAndLocked(minutes: 60), to: .awaitingOTP(),
            [.recordWrongCode, .reply(.codeLocked(minutes: 60, again: .resend))]),
        Row(
            .awaitingOTP(), "123456", check: .wrongAndLocked(minutes: 60), allowance: .locked(minutes: 60),
            to: .awaitingOTP(),
            [.recordWrongCode, .reply(.codeLocked(minutes: 60, again: .resend))]),
        Row(.awaitingOTP(), "123456", check: .burned, to: .awaitingOTP(), [.reply(.codeBurned)]),
        Row(.awaitingOTP(), "123456", check: .expired, to: .awaitingOTP(), [.reply(.codeExpired)]),
        Row(.awaitingOTP(), "123456", check: .noChallenge, to: .awaitingOTP(), [.reply(.codeMissing)]),
        Row(.awaitingOTP(), "12345", to: .awaitingOTP(), [.reply(.after(.notUnderstood, ask))]),
        Row(
            .awaitingOTP(), "what?!? no", allowance: .locked(minutes: 9), to: .awaitingOTP(),
            [.reply(.after(.notUnderstood, ask))]),
        Row(.awaitingOTP(), "RESEND", to: .awaitingOTP(), [.issueCode, .reply(sent)]),
        Row(
            .awaitingOTP(), "RESEND", allowance: .wait(minutes: 1), to: .awaitingOTP(),
            [.reply(.codeDelayed(minutes: 1, again: .resend))]),
        Row(
            .awaitingOTP(), "RESEND", allowance: .dailyLimit, to: .awaitingOTP(),
            [.reply(.codeLimitReached(again: .resend))]),
        Row(
            .awaitingOTP(), "RESEND", allowance: .locked(minutes: 60), to: .awaitingOTP(),
            [.reply(.codeLocked(minutes: 60, again: .resend))]),
        Row(.awaitingOTP(), "CHANGE NUMBER", to: .awaitingOTP(), [.reply(.after(.numberFixed, ask))]),
        Row(.awaitingOTP(), "CHANGE NUMBER", by: typedNumber, to: .awaitingPhone(), [.reply(.phoneQuestion)]),
        Row(.awaitingOTP(), "HELP", to: .awaitingOTP(), [.reply(.help(.code(mayChangeNumber: false)))]),
        Row(.awaitingOTP(), "MENU", to: .awaitingOTP(), [.reply(.after(.menuLater, ask))]),
        Row(.awaitingOTP(), "TERMS", to: .awaitingOTP(), [.reply(.after(.termsLink(termsURL: url), ask))]),
        Row(.awaitingOTP(), "RESTART", to: .awaitingOTP(), [.issueCode, .reply(.after(.startingAgain, sent))]),
        Row(.awaitingOTP(), "hello", to: .awaitingOTP(), [.reply(ask)]),
        Row(.awaitingOTP(), "LOGOUT", to: .start, [.reply(.loggedOut)]),
        Row(.awaitingOTP(), "STOP", to: .optedOut, [.optOut, .reply(.optedOut)]),
        Row(.awaitingOTP(), "hi", by: verified, to: .menu(), [.reply(.after(back, .menu))]),
        Row(
            .awaitingOTP(), "123456", by: Samples.user(), check: .correct, to: .awaitingTerms(),
            [.reply(.after(back, terms))]),
    ]

    static let menu: [Row] = [
        Row(.menu(), "MENU", to: .menu(), [.reply(.menu)]),
        Row(.menu(), "hello", to: .menu(), [.reply(.menu)]),
        Row(.menu(), "START", to: .menu(), [.reply(.menu)]),
        Row(.menu(), "HELP", to: .menu(), [.reply(.help(.menu))]),
        Row(.menu(), "TERMS", to: .menu(), [.reply(.after(.termsLink(termsURL: url), .menu))]),
        Row(.menu(), "RESTART", to: .menu(), [.reply(.after(.startingAgain, .menu))]),
        Row(.menu(), "LOGOUT", to: .start, [.reply(.loggedOut)]),
        Row(.menu(), "STOP", to: .optedOut, [.optOut, .reply(.optedOut)]),
        Row(.menu(), "RESEND", to: .menu(), [.reply(.after(.notUnderstood, .menu))]),
        Row(.menu(), "CHANGE NUMBER", to: .menu(), [.reply(.after(.notUnderstood, .menu))]),
        Row(.menu(), "NO", to: .menu(), [.reply(.after(.notUnderstood, .menu))]),
        Row(.menu(), "delay", to: .menu(), [.reply(.after(.notUnderstood, .menu))]),
        Row(.menu(), "123456", check: .correct, to: .menu(), [.reply(.after(.notUnderstood, .menu))]),
        Row(.menu(), "hello", by: oldTerms, to: .awaitingTerms(), [.reply(.after(back, terms))]),
        Row(.menu(), "hello", by: termsOnly, to: .awaitingOTP(), [.issueCode, .reply(.after(back, sent))]),
    ]

    private static func optedOut(_ user: Conversation.User) -> Conversation.User {
        var user = user
        user.isOptedOut = true
        return user
    }

    static let optedOut: [Row] = [
        Row(.optedOut, "START", to: .menu(), [.optIn, .reply(.after(.optedIn, .menu))]),
        Row(
            .optedOut, "START", by: optedOut(Samples.user()), to: .awaitingTerms(),
            [.optIn, .reply(.after(.optedIn, terms))]),
        Row(
            .optedOut, "START", by: optedOut(termsOnly), to: .awaitingOTP(),
            [.optIn, .issueCode, .reply(.after(.optedIn, sent))]),
        Row(.optedOut, "HELP", to: .optedOut, [.reply(.help(.optedOut))]),
        Row(.optedOut, "STOP", to: .optedOut, []),
        Row(.optedOut, "MENU", to: .optedOut, []),
        Row(.optedOut, "RESTART", to: .optedOut, []),
        Row(.optedOut, "YES", to: .optedOut, []),
        Row(.optedOut, "hello", to: .optedOut, []),
        Row(.optedOut, "123456", by: optedOut(termsOnly), check: .correct, to: .optedOut, []),
        // The row says so, although the session was lost or knows nothing of it; or the other way round.
        Row(.start, "hello", by: optedOut(verified), to: .optedOut, []),
        Row(.menu(), "MENU", by: optedOut(verified), to: .optedOut, []),
        Row(.optedOut, "hello", by: verified, to: .optedOut, []),
        Row(.menu(), "START", by: optedOut(verified), to: .menu(), [.optIn, .reply(.after(.optedIn, .menu))]),
    ]

    @Test(arguments: start + awaitingTerms + awaitingPhone + awaitingOTP + menu + optedOut)
    func theTable(row: Row) {
        #expect(Conversation.reduce(row.state, row.input, row.context) == row.expected)
    }

    /// A file is answered with what can be sent, and changes nothing; in silence to someone who opted out.
    @Test(arguments: Samples.states)
    func filesAreDeclined(state: Conversation.State) {
        guard state != .optedOut, state != .start else { return }
        for kind in Conversation.Kind.allCases {
            let transition = Conversation.reduce(state, .other(kind), Samples.context(Samples.user(in: state)))
            #expect(transition.state == state)
            #expect(transition.deeds.isEmpty)
            guard case .after(.cannotRead(kind), _) = transition.replies.first else {
                Issue.record("\(state) \(kind): \(transition.replies)")
                continue
            }
        }
    }

    @Test func theTypeOfAFileNamesIt() {
        let kinds = Samples.media.map(\.kind)
        #expect(kinds == [.photo, .sticker, .voiceNote, .video, .document, .contact, .document])
    }

    /// STOP under a photo is a STOP.
    @Test func aCaptionIsReadLikeAText() {
        let photo = Conversation.Media(url: "", contentType: "image/jpeg", caption: "Stop!")
        let transition = Conversation.reduce(.menu(), .media(photo), Samples.context(Samples.user(in: .menu())))
        #expect(transition.state == .optedOut)
    }
}
