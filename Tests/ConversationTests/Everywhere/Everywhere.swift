@testable import Conversation

/// Everybody who may write, in every state in which they may be, where claims are taken.
enum Everywhere {
    static let open = WithdrawalTests.claim("DR-7K3M9Q")
    static let paid = WithdrawalTests.claim("DR-CDFGHJ", .paid)

    static let claiming = Conversation.Claiming(
        now: LondonTime.Local(Notation.today, CivilTime(minutesAfterMidnight: 18 * 60)), windowDays: Notation.window,
        reference: "DR-7K2M", claims: [open, paid])

    /// Somebody who has never written before.
    static func stranger(byUsername: Bool = false) -> World {
        var world = World(
            Samples.user(isNew: true, phone: byUsername ? nil : "+447700900123", byUsername: byUsername))
        world.claiming = claiming
        world.claiming?.claims = []
        return world
    }

    static func world(_ state: Conversation.State, _ user: Conversation.User) -> World {
        var world = World(user)
        world.state = state
        world.claiming = claiming
        return world
    }

    /// A draft with some answers.
    static let draft: Conversation.ClaimDraft = {
        var chat = ClaimChat()
        chat.send("from leeds to york yesterday")
        return chat.draft ?? .init()
    }()

    /// Before and during registration.
    static let unregistered: [World] = {
        let typed = Samples.user(phone: nil, byUsername: true, terms: true)
        var worlds = [
            world(.start, Samples.user()), world(.start, Samples.user(terms: true)), world(.start, typed),
            world(.awaitingOTP(), Samples.user(byUsername: true, terms: true)),
        ]
        for kept in [nil, draft, Conversation.ClaimDraft()] {
            worlds += [
                world(.awaitingTerms(kept), Samples.user()), world(.awaitingPhone(kept), typed),
                world(.awaitingOTP(kept), Samples.user(terms: true)),
            ]
        }
        // They were registered before the terms changed.
        worlds.append(world(.awaitingTerms(draft), Samples.user(verified: true)))
        return worlds + worlds.filter { $0.state != .start }.map(asked)
    }()

    static let registered: [World] = {
        let user = Samples.user(verified: true, terms: true)
        let worlds =
            [world(.start, user), world(.menu(), user), world(.menu(draft), user)]
            + ClaimChat.everywhere().map { world($0.state, user) }
        return worlds + worlds.filter { $0.state != .start }.map(asked)
    }()

    static let known = unregistered + registered

    /// The same after DELETE MY DATA.
    private static func asked(_ world: World) -> World {
        var world = world
        world.state = .confirmingErasure(from: world.state)
        return world
    }
}

extension World {
    /// Handles one text, and tells what is said.
    @discardableResult
    mutating func say(_ text: String) -> String { hear(.text(text)) }

    @discardableResult
    mutating func hear(_ input: Conversation.Input) -> String {
        receive(input).replies.map(\.text).joined(separator: "\n---\n")
    }

    /// The code that was sent last.
    var code: String { challenge?.code ?? "none was sent" }

    /// Which question interrupted the state, or the state itself.
    var place: Conversation.State {
        if case .confirmingErasure(let interrupted) = state { interrupted } else { state }
    }
}
