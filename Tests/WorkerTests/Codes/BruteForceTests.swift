import Common
import Conversation
import TestSupport
import Testing

@testable import Worker

/// What someone gains who guesses codes to one number, however they go about it.
///
/// A guess counts when it is compared with the code; all others say nothing about it. A code is one in a million, so
/// that the chance of a whole attack is the number of guesses that count, divided by a million.
@Suite struct BruteForceTests {
    /// What is known of one number, as the worker keeps it; time is the test's.
    private struct Target {
        var challenges: [Challenge] = []
        var lockedAt: Timestamp?
        var now: Timestamp
        /// When a guess was compared.
        var compared: [Timestamp] = []
        var sent: [Timestamp] = []

        var policy: CodePolicy { CodePolicy(challenges: challenges, lockedAt: lockedAt, now: now) }

        /// RESEND; whether a code went out.
        mutating func resend() -> Bool {
            guard policy.allowance() == .allowed else { return false }
            challenges.removeAll { $0.createdAt <= now - CodePolicy.longestWindow }
            challenges.insert(
                Challenge(
                    id: .random(), mac: [], salt: [], sentTo: "", expiresAt: now + CodePolicy.lifetime, attempts: 0,
                    consumedAt: nil, createdAt: now), at: 0)
            sent.append(now)
            return true
        }

        /// Six wrong digits.
        mutating func guess() -> Conversation.CodeCheck {
            var isCompared = false
            let policy = policy
            let check = policy.check("000000") { _, _ in
                isCompared = true
                return false
            }
            if isCompared { compared.append(now) }
            switch check {
            case .wrong, .wrongAndLocked:
                challenges[0].attempts += 1
                if policy.isLastTryBeforeLock { lockedAt = now }
            case .noCode, .noChallenge, .expired, .burned, .correct: break
            }
            return check
        }
    }

    /// The most moments that lie within any `window`, which is open at its beginning.
    private func most(_ moments: [Timestamp], within window: Duration) -> Int {
        var (most, first) = (0, 0)
        for (last, moment) in moments.enumerated() {
            while moments[first] <= moment - window { first += 1 }
            most = max(most, last - first + 1)
        }
        return most
    }

    private func verify(_ target: Target, _ what: Comment) {
        #expect(most(target.sent, within: .seconds(600)) <= 3, what)
        #expect(most(target.sent, within: .seconds(86_400)) <= 10, what)
        #expect(most(target.compared, within: .seconds(86_400)) <= 50, what)
        #expect(most(target.compared, within: .seconds(3600)) <= 10, what)
        #expect(!target.compared.isEmpty, what)
    }

    /// 100,000 guesses of someone who asks for every code that can be had: a chance of one in 10,000 at most in the
    /// 28 hours that they take at one a second, one in 20,000 a day.
    @Test(arguments: [(milliseconds: 1, most: 10), (1000, 100), (60_000, 3500)])
    func aHundredThousandGuesses(milliseconds: Int, most: Int) {
        var target = Target(now: Timestamp(seconds: 1_800_000_000))
        for _ in 0..<100_000 {
            let check = target.guess()
            switch check {
            case .noChallenge, .burned, .expired, .wrong(attemptsLeft: 0), .wrongAndLocked: _ = target.resend()
            case .noCode, .wrong, .correct: break
            }
            target.now = target.now + .milliseconds(Int64(milliseconds))
        }
        verify(target, "one guess in \(milliseconds) ms")
        #expect(target.compared.count <= most, "\(target.compared.count) guesses count")
    }

    /// Any mixture of waiting, asking and guessing, and of stopping just before the lock.
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func noRhythmGainsMore(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var target = Target(now: Timestamp(seconds: 1_800_000_000))
        let restraint = Int.random(in: 0...10, using: &random)
        for _ in 0..<1500 {
            switch Int.random(in: 0..<12, using: &random) {
            case 0: target.now = target.now + .seconds(Int64.random(in: 0...5000, using: &random))
            case 1: target.now = target.now + .seconds(Int64.random(in: 290...310, using: &random))
            case 2..<5: _ = target.resend()
            default:
                if target.policy.isLastTryBeforeLock, Int.random(in: 0..<10, using: &random) < restraint { continue }
                _ = target.guess()
            }
            target.now = target.now + .microseconds(Int64.random(in: 1...2_000_000, using: &random))
        }
        verify(target, "seed \(seed)")
        #expect(target.challenges.allSatisfy { $0.attempts <= CodePolicy.triesPerCode }, "seed \(seed)")
    }

    /// The measure notices an attack that gains more.
    @Test func theBoundsAreNotIdle() {
        let now = Timestamp(seconds: 1_800_000_000)
        #expect(most((0..<11).map { now + .seconds($0 * 300) }, within: .seconds(3600)) == 11)
        #expect(most((0..<11).map { now + .seconds($0 * 360) }, within: .seconds(3600)) == 10)
    }
}
