import Common
import TestSupport
import Testing

@testable import Conversation

/// Random walks: a failing seed is a test case of its own and replays exactly.
@Suite struct WalkTests {
    private static let length = 100
    private static let checked = Locked<Set<String>>([])

    @Test(arguments: UInt64(0)..<1000)
    func invariantsHold(seed: UInt64) throws {
        try walk(seed: seed) { _, _ in }
    }

    /// The walks are worth something only if they come everywhere.
    @Test func walksComeEverywhere() throws {
        var states: Set<Conversation.State> = []
        var deeds: Set<String> = []
        var replies: Set<String> = []
        for seed in UInt64(5000)..<5150 {
            try walk(seed: seed) { world, transition in
                states.insert(world.state)
                for deed in transition.deeds { deeds.insert(String("\(deed)".prefix { $0 != "(" })) }
                for reply in transition.replies {
                    for name in reply.name.split(separator: " + ") { replies.insert(String(name)) }
                }
            }
        }
        #expect(Set(states.map { StoredState($0).name }) == Set(Samples.states.map { StoredState($0).name }))
        #expect(
            deeds == [
                "registerUser", "acceptTerms", "setPhone", "issueCode", "recordWrongCode", "consumeCode", "optOut",
                "optIn", "changePreference", "eraseUser",
            ])
        #expect(
            replies == [
                "welcome", "termsQuestion", "declined", "phoneQuestion", "codeSent", "codeQuestion", "codeWrong",
                "codeBurned", "codeExpired", "codeMissing", "codeDelayed", "codeLimitReached", "codeLocked", "menu",
                "help", "loggedOut", "optedOut", "welcomeBack", "optedIn", "startingAgain", "termsAccepted",
                "termsLink", "verified", "menuLater", "numberUnreadable", "numberFixed", "notUnderstood", "cannotRead",
                "settings", "erasureQuestion", "erased", "nothingDeleted", "nothingBefore", "leftUnregistered",
            ])
    }

    private func walk(seed: UInt64, visit: (World, Conversation.Transition) -> Void) throws {
        var random = SplitMix64(seed: seed)
        let byUsername = seed % 3 == 0
        var world = World(
            Samples.user(
                isNew: true, name: seed % 5 == 0 ? RandomInput.noise(&random) : "Ana",
                phone: byUsername ? nil : "+447700900123", byUsername: byUsername))
        world.channel = seed % 2 == 0 ? .sms : .whatsApp
        for step in 0..<Self.length {
            disturb(&world, &random)
            let input = RandomInput.next(world, &random)
            let before = world
            let transition = world.receive(input)
            func place() -> Comment { "seed \(seed), step \(step): \(before.state) \(input) -> \(transition)" }
            try #require(world.inconsistencies.isEmpty, "\(world.inconsistencies) \(place())")
            try #require(try StoredState(world.state).state() == world.state, place())
            try speech(before, input, transition, world, place)
            visit(world, transition)
        }
    }

    /// What happens without the passenger: time passes, sessions end, terms change.
    private func disturb(_ world: inout World, _ random: inout SplitMix64) {
        world.allowance =
            Int.random(in: 0..<4, using: &random) > 0
            ? .allowed : Samples.allowances.randomElement(using: &random) ?? .allowed
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<3: world.challenge?.isExpired = true
        case 3..<5: world.state = .start
        case 5: world.user.termsAccepted = false
        case 6: world.challenge = nil
        default: break
        }
        // New terms or a lost session never bring anybody into a state that the worker would not store.
        if world.state == .awaitingTerms(), world.user.termsAccepted { world.state = .start }
    }

    /// What is said, and to whom nothing is.
    private func speech(
        _ before: World, _ input: Conversation.Input, _ transition: Conversation.Transition, _ world: World,
        _ place: () -> Comment
    ) throws {
        let command = Command(reading: input.words)
        guard let reply = transition.replies.first else {
            try #require(before.user.isOptedOut, place())
            return
        }
        try #require(transition.replies.count == 1, place())
        if before.user.isOptedOut { try #require(command == .start || command == .help, place()) }
        if command == .stop { try #require(world.state == .optedOut && reply == .optedOut, place()) }
        if command == .logout, !before.user.isNew { try #require(world.state == .start, place()) }
        if input.kind != nil, command == nil, transition.state == before.state, !before.user.isOptedOut {
            try #require(reply.isLost, place())
        }
        let problems = Wording.problems(reply.anonymous.text)
        try #require(problems.isEmpty && reply.text.utf16.count <= 1000, "\(problems) \(place())")
        try advertised(reply, world, place)
    }

    /// Every command that a reply mentions works in the state that the reply leads to.
    private func advertised(_ reply: Conversation.Reply, _ world: World, _ place: () -> Comment) throws {
        let text = reply.anonymous.text
        let key = "\(world.state) \(world.user.isKnownByUsernameOnly) \(world.allowance) \(text)"
        guard Self.checked.withLock({ $0.insert(key).inserted }) else { return }
        for command in Advertised.commands(in: text) {
            var next = world
            let transition = next.receive(.text(command))
            try #require(
                Advertised.works(command, transition), "\(command) is mentioned, but leads to \(transition): \(place())"
            )
        }
    }
}

extension Conversation.Reply {
    /// The same to somebody without a name, in which anything may stand.
    var anonymous: Conversation.Reply {
        switch self {
        case .after(.introduction, let reply): .after(.introduction(name: nil), reply.anonymous)
        case .welcome(_, let termsURL): .welcome(name: nil, termsURL: termsURL)
        case .after(.welcomeBack, let reply): .after(.welcomeBack(name: nil), reply.anonymous)
        case .after(let preface, let reply): .after(preface, reply.anonymous)
        default: self
        }
    }
}
