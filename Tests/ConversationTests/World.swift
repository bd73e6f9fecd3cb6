@testable import Conversation

/// A worker of the test's own: it keeps the user and the challenge, and performs effects as the real one does.
struct World {
    var user: Conversation.User
    var state = Conversation.State.start
    var allowance = Conversation.CodeAllowance.allowed
    var channel = Conversation.CodeChannel.sms
    /// Nil where no claims are taken.
    var claiming: Conversation.Claiming?
    var submitted: [Conversation.Claim] = []
    var challenge: Challenge?
    /// What went out by the code channel.
    var codes: [String] = []
    var nextCode = 111_111
    /// When the next message comes, in seconds since 1970: on Sunday 22 November 2026 at 18:00 to begin with.
    var now = Notation.today.daysSince1970 * 86_400 + 18 * 3600
    /// How the machine is broken, if it is.
    var fault: Fault?
    /// What was done that the real worker could not do, or must never be asked to.
    var faults: [String] = []

    struct Challenge: Hashable {
        var code: String
        var attemptsLeft = 5
        var isExpired = false
        /// The number that the code was sent to.
        var number: String
    }

    init(_ user: Conversation.User) { self.user = user }

    func context(_ input: Conversation.Input) -> Conversation.Context {
        var context = Samples.context(user, check: check(input), allowance: allowance, channel: channel)
        context.claiming = claiming
        return context
    }

    private func check(_ input: Conversation.Input) -> Conversation.CodeCheck {
        guard let candidate = Conversation.codeCandidate(in: input.words) else { return .noCode }
        guard let challenge else { return .noChallenge }
        if challenge.isExpired { return .expired }
        if challenge.attemptsLeft == 0 { return .burned }
        return candidate == challenge.code ? .correct : .wrong(attemptsLeft: challenge.attemptsLeft - 1)
    }

    /// Handles one message.
    mutating func receive(_ input: Conversation.Input) -> Conversation.Transition {
        let context = context(input)
        var transition = Conversation.reduce(state, input, context)
        if let fault { transition = fault.breaking(transition, of: state, input) }
        for effect in transition.effects { perform(effect, context) }
        state = transition.state
        return transition
    }

    private mutating func perform(_ effect: Conversation.Effect, _ context: Conversation.Context) {
        switch effect {
        case .registerUser:
            expect(user.isNew, "registered twice")
            user.isNew = false
        case .acceptTerms(let version):
            expect(version == context.termsVersion, "another version accepted")
            user.termsAccepted = true
        case .setPhone(let number):
            expect(!user.isVerified && user.isKnownByUsernameOnly, "a number that must not change was changed")
            user.phoneNumber = number
        case .issueCode:
            expect(user.phoneNumber != nil && user.termsAccepted && !user.isVerified, "a code for nobody")
            expect(context.codeAllowance == .allowed, "a code over the limit")
            nextCode = (nextCode + 7919) % 1_000_000
            let digits = String(nextCode)
            let code = String(repeating: "0", count: 6 - digits.count) + digits
            challenge = Challenge(code: code, number: user.phoneNumber ?? "")
            codes.append(Texts.codeMessage(code: code))
        case .recordWrongCode:
            expect((challenge?.attemptsLeft ?? 0) > 0, "a wrong try against nothing")
            challenge?.attemptsLeft -= 1
        case .consumeCode:
            expect(context.codeCheck == .correct, "verified without the right code")
            expect(challenge?.number == user.phoneNumber, "verified with a code that went to another number")
            if case .locked = context.codeAllowance { expect(false, "verified while locked") }
            challenge = nil
            user.isVerified = true
        case .optOut:
            expect(!user.isOptedOut, "opted out twice")
            user.isOptedOut = true
        case .optIn:
            expect(user.isOptedOut, "opted in twice")
            user.isOptedOut = false
        case .changePreference(let change):
            expect(!user.preferences.has(change), "changed to what it was")
            switch change {
            case .notifications(let isOn): user.preferences.notificationsEnabled = isOn
            case .language(let language): user.preferences.language = language
            case .timeZone(let name):
                let zone = Conversation.TimeZoneName(name)
                expect(zone != nil, "a time zone that is none")
                user.preferences.timeZone = zone ?? .london
            }
        case .eraseUser:
            expect(state.isConfirmingErasure, "deleted without a question")
            let phone = user.isKnownByUsernameOnly ? nil : user.phoneNumber
            user = Samples.user(
                isNew: true, name: user.displayName, phone: phone, byUsername: user.isKnownByUsernameOnly)
            challenge = nil
            claiming?.claims = []
        case .submitClaim(let claim):
            expect(context.claiming != nil && user.isVerified, "a claim where none is taken")
            submitted.append(claim)
        case .withdrawClaim(let reference):
            let claim = context.claiming?.claims.firstIndex { $0.reference == reference }
            expect(claim != nil && user.isVerified, "a claim of nobody's is withdrawn")
            if let claim { claiming?.claims[claim].progress = .withdrawn }
        case .reply: break
        }
    }

    private mutating func expect(_ holds: Bool, _ fault: String) {
        if !holds { faults.append(fault) }
    }

    /// What is wrong with where the conversation now stands.
    var inconsistencies: [String] {
        problems(of: state)
    }

    private func problems(of state: Conversation.State) -> [String] {
        var problems = faults
        switch state {
        case .start: break
        case .awaitingTerms:
            if user.termsAccepted { problems.append("asked for terms that are accepted") }
        case .awaitingPhone:
            if !user.termsAccepted || user.isVerified { problems.append("asked for a number out of turn") }
        case .awaitingOTP:
            if !user.termsAccepted || user.isVerified || user.phoneNumber == nil {
                problems.append("asked for a code out of turn")
            }
        case .menu, .claiming:
            if !user.termsAccepted || !user.isVerified { problems.append("at the menu unregistered") }
        case .confirmingErasure(let interrupted): return self.problems(of: interrupted)
        case .optedOut:
            if !user.isOptedOut { problems.append("opted out in the session only") }
        }
        if user.isOptedOut, state != .optedOut { problems.append("opted out in the database only") }
        // After the deletion of everything they are someone new.
        if user.isNew, state != .start { problems.append("handled without a row") }
        return problems
    }

    /// Where the conversation stands, with the question that is asked.
    var placeName: String { Self.placeName(state) }

    private static func placeName(_ state: Conversation.State) -> String {
        let name = StoredState(state).name
        return switch state {
        case .claiming(.collecting(let slot), _), .claiming(.choosingStation(let slot, _), _): "\(name) \(slot)"
        default: name
        }
    }

    static let allPlaceNames =
        ["start", "awaitingTerms", "awaitingPhone", "awaitingOTP", "menu", "choosingTime", "confirmingClaim"]
        + ["confirmingErasure", "optedOut", "choosingStation origin", "choosingStation destination"]
        + Conversation.Slot.allCases.map { "collecting \($0)" }
}
