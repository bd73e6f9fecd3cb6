import Common
import TestSupport
import Testing

@testable import Conversation

/// What holds after every message, whatever was said before.
struct WalkRules {
    /// Texts, commands and places that were tried before; they are the same again.
    private let known = Locked<Set<String>>([])

    private let tried = Locked<Set<Key>>([])

    /// Where words in capitals were tried: they lead to the same again.
    private struct Key: Hashable {
        var place: String
        var user: Bool
        var allowance: Conversation.CodeAllowance
        var hasClaims: Bool
        var hasDraft: Bool
        var words: [String]
    }

    private func isNew(_ key: String) -> Bool { known.withLock { $0.insert(key).inserted } }

    func verify(_ step: Walk.Step) throws {
        func place() -> String { "\(step)" }
        let (before, after) = (step.before, step.after)
        try require(after.inconsistencies.isEmpty, "\(after.inconsistencies) \(step)")
        try require(try StoredState(after.state).state() == after.state, place())
        try require(step.transition.replies.count <= 1, place())
        try claims(step)
        guard let reply = step.reply else {
            try require(before.user.isOptedOut && step.transition.effects.isEmpty, place())
            return
        }
        try speech(step, reply)
        try drafts(step, reply)
        let parts = SpokenPart.parts(of: reply)
        let length = parts.reduce(2 * (parts.count - 1)) { $0 + $1.length }
        // The name before it may be 40 characters of two units each.
        try require((1...1000).contains(length) && (length < 900 || reply.text.utf16.count <= 1000), place())
        for part in parts {
            try require(part.problems.isEmpty, "\(part.problems) \(step)")
            try printed(part, place)
        }
        try advertised(parts.flatMap(\.commands), reply, after, place)
        try exits(after, place)
    }

    // MARK: - What is said

    private func speech(_ step: Walk.Step, _ reply: Conversation.Reply) throws {
        func place() -> String { "\(step)" }
        let command = Command(reading: step.input.words)
        if step.before.user.isOptedOut { try require(command == .start || command == .help, place()) }
        if command == .stop { try require(step.after.state == .optedOut && reply == .optedOut, place()) }
        if command == .logout, !step.before.user.isNew { try require(step.after.state == .start, place()) }
        // A file or a voice note that changed nothing was of no use, and that is said.
        if step.input.kind != nil, step.input.words.isEmpty, step.after.state == step.before.state,
            !step.before.user.isOptedOut
        {
            try require(reply.isLost || reply.refusesFile, place())
        }
    }

    // MARK: - Answers

    /// A wrong input changes no answer; what changes is told, and what is dropped was asked to be.
    private func drafts(_ step: Walk.Step, _ reply: Conversation.Reply) throws {
        func place() -> String { "\(step)" }
        let (old, new) = (step.before.state.draft, step.after.state.draft)
        let prefaces = reply.prefaces
        if reply.isOfNoUse { try require((old ?? .init()) == (new ?? .init()), place()) }
        if let new {
            try require(new.origin == nil || new.origin != new.destination, place())
            let today = LondonTime.local(atSecondsSince1970: step.after.now).date
            if let date = new.date { try require(date <= today, place()) }
            if case .claiming(.confirmingClaim, _) = step.after.state {
                try require(Conversation.Claim(new, reference: "x") != nil, place())
            }
        }
        guard let old, !old.isEmpty else { return }
        guard let new else { return try require(mayDrop(step), place()) }
        let changed = Conversation.Slot.allCases.filter { !old.isSame(as: new, in: $0) }
        if case .text(let text) = step.input, isCommand(text) {
            let isSkipped = ClaimCommand(reading: text) == .skip && prefaces.contains(.claim(.skipped))
            try require(changed.isEmpty || isSkipped, place())
            return
        }
        // Before registration a message may be a code or a number first of all.
        guard step.before.user.isVerified else { return }
        let isExplained = prefaces.contains { preface in
            switch preface {
            case .claim(.sameStation), .claim(.departureAhead): true
            default: false
            }
        }
        for slot in changed {
            if old.has(slot), !new.has(slot) { try require(isExplained, place()) }
            try require(isExplained || reply.tells(slot), "\(slot) changed in silence: \(step)")
        }
    }

    private func isCommand(_ text: String) -> Bool {
        Command(reading: text) != nil || SettingsCommand(reading: text) != nil || ClaimCommand(reading: text) != nil
    }

    private func mayDrop(_ step: Walk.Step) -> Bool {
        let isSubmitted = step.transition.deeds.contains {
            if case .submitClaim = $0 { true } else { $0 == .eraseUser }
        }
        if isSubmitted || ClaimCommand(reading: step.input.words) == .cancel { return true }
        return switch Command(reading: step.input.words) {
        case .logout, .restart, .stop, .no: true
        default: false
        }
    }

    /// A claim is submitted by YES to what was shown, and by nothing else.
    private func claims(_ step: Walk.Step) throws {
        func place() -> String { "\(step)" }
        for case .submitClaim(let claim) in step.transition.effects {
            guard case .claiming(.confirmingClaim, let shown) = step.before.state else {
                throw BrokenRule(place: "submitted from elsewhere: \(step)", line: #line)
            }
            try require(Command(reading: step.input.words) == .yes, place())
            try require(claim.reference == step.before.claiming?.reference, place())
            let now = LondonTime.local(atSecondsSince1970: step.before.now)
            let hasLeft =
                claim.departure.date < now.date || claim.departure.date == now.date && claim.departure.time <= now.time
            try require(hasLeft, place())
            try require(Conversation.Claim(shown, reference: claim.reference) == claim, place())
            try require(step.reply?.text.contains(claim.reference) == true && step.after.state == .menu(), place())
        }
    }

    // MARK: - What a reply promises

    /// Every command that a reply mentions works in the state that the reply leads to.
    private func advertised(
        _ words: [String], _ reply: Conversation.Reply, _ world: World, _ place: () -> String
    ) throws {
        guard !words.isEmpty else { return }
        let key = Key(
            place: world.placeName, user: world.user.isKnownByUsernameOnly, allowance: world.allowance,
            hasClaims: world.claiming?.claims.contains { $0.progress.isOpen } == true,
            hasDraft: world.state.draft?.isEmpty == false,
            words: words)
        guard tried.withLock({ $0.insert(key).inserted }) else { return }
        // EDIT DATE stands for a list of names after it, which work behind EDIT.
        let commands = words.map { command in
            reply.asked == .claim(.changeWhat) && !command.contains("EDIT") && command != "CANCEL"
                ? "EDIT \(command)" : command
        }
        for command in commands {
            var next = world
            let transition = next.receive(.text(command))
            try require(
                Advertised.works(command, transition), "\(command) is mentioned, but leads to \(transition): \(place())"
            )
        }
    }

    /// MENU leaves every state of somebody registered and keeps the answers; LOGOUT leaves the others.
    private func exits(_ world: World, _ place: () -> String) throws {
        guard isNew("exit \(world.placeName) \(world.user.isVerified) \(world.user.termsAccepted)") else { return }
        guard !world.user.isOptedOut, !world.user.isNew else { return }
        for word in ["MENU", "menu please!"] {
            var next = world
            let transition = next.receive(.text(word))
            if world.user.isVerified, world.user.termsAccepted {
                guard case .menu(let kept) = next.state else {
                    throw BrokenRule(place: "\(word) leads to \(transition): \(place())", line: #line)
                }
                try require((kept ?? .init()) == (world.state.draft ?? .init()), place())
            } else {
                try require(transition.replies.first?.isLost == false, place())
            }
        }
        var left = world
        _ = left.receive(.text("LOGOUT"))
        try require(left.state == .start, place())
    }

    /// The bot reads every day and time that it prints.
    private func printed(_ part: SpokenPart, _ place: () -> String) throws {
        for time in part.times where isNew("time \(time)") {
            guard case .value(let read) = TimeReader().read(time) else {
                throw BrokenRule(place: "\(time) is printed and cannot be read: \(place())", line: #line)
            }
            try require(read.shown == time, place())
        }
        for day in part.days where isNew("day \(day)") {
            guard let date = Printed.date(day),
                DateReader(today: date, windowDays: 0).read(day) == .value(date)
            else {
                throw BrokenRule(place: "\(day) is printed and cannot be read: \(place())", line: #line)
            }
        }
    }
}
