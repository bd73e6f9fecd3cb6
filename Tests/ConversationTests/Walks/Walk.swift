import TestSupport
import Testing

@testable import Conversation

/// One passenger's random way through the whole conversation, which a seed repeats exactly.
struct Walk {
    let seed: UInt64
    var world: World
    private var random: SplitMix64
    private var step = 0
    /// What the database knows of their claims.
    private var claims = Conversation.Claiming(
        now: LondonTime.local(atSecondsSince1970: 0), windowDays: Notation.window, reference: "", claims: [])

    init(seed: UInt64) {
        self.seed = seed
        random = SplitMix64(seed: seed)
        let byUsername = seed % 3 == 0
        world = World(
            Samples.user(
                isNew: true, name: seed % 5 == 0 ? WalkInput.noise(&random) : "Ana",
                phone: byUsername ? nil : "+447700900123", byUsername: byUsername))
        world.channel = seed % 2 == 0 ? .sms : .whatsApp
        // Any minute of two years, both changes of the clocks among them.
        world.now += Int.random(in: -365 * 86_400...365 * 86_400, using: &random) / 60 * 60
    }

    /// Goes so many messages far, and tells `visit` of each.
    mutating func go(_ length: Int, visit: (Step) throws -> Void) throws {
        for _ in 0..<length {
            step += 1
            disturb()
            claims.now = LondonTime.local(atSecondsSince1970: world.now)
            claims.reference = Self.reference(world.submitted.count)
            world.claiming = claims
            let input = WalkInput.next(world, &random)
            let before = world
            let transition = world.receive(input)
            claims.claims = world.claiming?.claims ?? []
            for claim in world.submitted.dropFirst(before.submitted.count) {
                claims.claims.insert(
                    .init(
                        reference: claim.reference, origin: claim.origin, destination: claim.destination,
                        date: claim.departure.date, progress: .submitted, compensation: nil), at: 0)
            }
            world.claiming = claims
            try visit(
                Step(seed: seed, number: step, before: before, input: input, transition: transition, after: world))
        }
    }

    /// What happens without the passenger: time passes, sessions end, codes age, terms change, claims are decided.
    private mutating func disturb() {
        world.now += Int.random(in: 0..<50, using: &random) == 0 ? Int.random(in: 0..<100_000, using: &random) : 20
        world.allowance =
            Int.random(in: 0..<4, using: &random) > 0
            ? .allowed : Samples.allowances.randomElement(using: &random) ?? .allowed
        switch Int.random(in: 0..<150, using: &random) {
        case 0..<3: world.challenge?.isExpired = true
        case 3..<5: world.state = world.user.isOptedOut ? .optedOut : .start
        case 5: world.user.termsAccepted = false
        case 6: world.challenge = nil
        case 7..<12:
            guard let index = claims.claims.indices.randomElement(using: &random) else { return }
            claims.claims[index].progress =
                Conversation.Claiming.Progress.allCases.randomElement(using: &random) ?? .evaluating
            claims.claims[index].compensation = Bool.random(using: &random) ? 1250 : nil
        default: break
        }
    }

    /// A reference of its own for each claim.
    private static func reference(_ number: Int) -> String {
        var (rest, text) = (number, "")
        for _ in 0..<ClaimReference.length {
            text.append(ClaimReference.alphabet[rest % ClaimReference.alphabet.count])
            rest /= ClaimReference.alphabet.count
        }
        return ClaimReference.prefix + text
    }

    /// One message, what it found and what it led to.
    struct Step: CustomStringConvertible {
        var seed: UInt64
        var number: Int
        var before: World
        var input: Conversation.Input
        var transition: Conversation.Transition
        var after: World

        var reply: Conversation.Reply? { transition.replies.first }

        var description: String {
            """
            seed \(seed), step \(number): \(StoredState(before.state)) \(input) -> \(StoredState(after.state)) \
            \(transition.effects)
            """
        }
    }
}
