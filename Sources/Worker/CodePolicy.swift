import Common
import Conversation

/// The rules of one-time codes, as pure decisions over the challenges of one person.
///
/// Five minutes, one use, five tries a code, three sends in ten minutes and ten a day, an hour's lock after ten
/// wrong tries in a row: above NIST SP 800-63B's floor for six digits and below what Twilio Verify allows.
struct CodePolicy {
    static let lifetime = Duration.seconds(300)
    static let triesPerCode = 5
    static let failuresUntilLock = 10
    static let lock = Duration.seconds(3600)
    private static let shortWindow = (length: Duration.seconds(600), sends: 3)
    private static let longWindow = (length: longestWindow, sends: 10)
    /// How far back challenges matter.
    static let longestWindow = Duration.seconds(86_400)

    /// The person's own, newest first.
    var challenges: [Challenge]
    /// Sent to the same number on behalf of others: they count as sends, never as tries.
    ///
    /// That bounds the tries against a number as well, five for each send, and strangers cannot lock its owner out of
    /// a code that is on its way.
    var challengesOfOthers: [Challenge] = []
    /// Sent to the same number for people who were erased since: they count like the above.
    var erased = ErasedCodes()
    var lockedAt: Timestamp?
    var now: Timestamp

    /// What the digits in a message are worth; `matches` compares them with the newest challenge.
    func check(_ candidate: String?, matches: (Challenge, String) -> Bool) -> Conversation.CodeCheck {
        guard let candidate else { return .noCode }
        guard let newest = challenges.first, newest.consumedAt == nil else { return .noChallenge }
        if isLocked || newest.attempts >= Self.triesPerCode { return .burned }
        if now >= newest.expiresAt { return .expired }
        if matches(newest, candidate) { return .correct }
        if isLastTryBeforeLock { return .wrongAndLocked(minutes: minutes(until: now + Self.lock)) }
        return .wrong(attemptsLeft: Self.triesPerCode - newest.attempts - 1)
    }

    /// Whether a code may be sent now, and when if not.
    func allowance() -> Conversation.CodeAllowance {
        if let latestLock, isLocked { return .locked(minutes: minutes(until: latestLock + Self.lock)) }
        let today = ((challenges + challengesOfOthers).map(\.createdAt) + erased.sent)
            .filter { $0 > now - Self.longWindow.length }.sorted(by: >)
        if today.count >= Self.longWindow.sends { return .dailyLimit }
        let recent = today.filter { $0 > now - Self.shortWindow.length }
        guard recent.count >= Self.shortWindow.sends else { return .allowed }
        let limiting = recent[Self.shortWindow.sends - 1]
        return .wait(minutes: minutes(until: limiting + Self.shortWindow.length))
    }

    /// How many codes others had sent to the number within what counts.
    var sendsByOthers: Int { challengesOfOthers.count { $0.createdAt > now - Self.longWindow.length } }

    /// Whether one more wrong try is the one that locks.
    var isLastTryBeforeLock: Bool {
        var failures = 0
        for challenge in challenges {
            if challenge.consumedAt != nil { break }
            if let lockedAt, challenge.createdAt <= lockedAt { break }
            failures += challenge.attempts
        }
        return failures + 1 >= Self.failuresUntilLock
    }

    /// Whether a code is out that would be taken if it were sent: such a message is never stored in clear.
    var hasOpenCode: Bool {
        challenges.first.map { $0.consumedAt == nil && now < $0.expiresAt } ?? false
    }

    private var latestLock: Timestamp? { [lockedAt, erased.lockedAt].compactMap { $0 }.max() }
    private var isLocked: Bool { latestLock.map { now < $0 + Self.lock } ?? false }

    private func minutes(until moment: Timestamp) -> Int {
        max(1, Int(((moment - now).inSeconds / 60).rounded(.up)))
    }
}

/// A one-time code that was sent: everything but the code.
struct Challenge: Hashable, Sendable {
    var id: UUID
    var mac: [UInt8]
    var salt: [UInt8]
    var sentTo: String
    var expiresAt: Timestamp
    var attempts: Int
    var consumedAt: Timestamp?
    var createdAt: Timestamp
}
