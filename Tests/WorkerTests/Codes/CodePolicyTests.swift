import Common
import Conversation
import Testing

@testable import Worker

@Suite struct CodePolicyTests {
    let now = Timestamp(seconds: 1_800_000_000)

    func challenge(ago: Int, attempts: Int = 0, consumed: Bool = false) -> Challenge {
        let created = now - .seconds(ago)
        return Challenge(
            id: .random(), mac: [], salt: [], sentTo: "+447700900123", expiresAt: created + CodePolicy.lifetime,
            attempts: attempts, consumedAt: consumed ? created : nil, createdAt: created)
    }

    func policy(_ challenges: [Challenge], lockedAgo: Int? = nil) -> CodePolicy {
        CodePolicy(challenges: challenges, lockedAt: lockedAgo.map { now - .seconds($0) }, now: now)
    }

    @Test func aCodeIsGoodForFiveMinutesToTheSecond() {
        #expect(policy([challenge(ago: 299)]).check("123456") { _, _ in true } == .correct)
        #expect(policy([challenge(ago: 300)]).check("123456") { _, _ in true } == .expired)
        #expect(policy([challenge(ago: 301)]).check("123456") { _, _ in true } == .expired)
        var exact = policy([challenge(ago: 0)])
        exact.now = now + .seconds(300) - .microseconds(1)
        #expect(exact.check("123456") { _, _ in true } == .correct, "4:59.999999")
        exact.now = now + .seconds(300)
        #expect(exact.check("123456") { _, _ in true } == .expired, "5:00.000000")
        #expect(exact.check("123456") { _, _ in false } == .expired, "and no word of whether it was right")
    }

    @Test func aSpentCodeIsNoCode() {
        for attempts in 0...5 {
            let spent = challenge(ago: 1, attempts: attempts, consumed: true)
            for older in [[], [challenge(ago: 30)]] {
                #expect(policy([spent] + older).check("123456") { _, _ in true } == .noChallenge)
            }
        }
    }

    @Test func limitsEndToTheMicrosecond() {
        func allowance(_ challenges: [Challenge], lockedAt: Timestamp? = nil, after seconds: Int, less micros: Int = 0)
            -> Conversation.CodeAllowance
        {
            CodePolicy(
                challenges: challenges, lockedAt: lockedAt,
                now: now + .seconds(seconds) - .microseconds(Int64(micros))
            ).allowance()
        }
        let three = (0..<3).map { _ in challenge(ago: 0) }
        #expect(allowance(three, after: 600, less: 1) == .wait(minutes: 1))
        #expect(allowance(three, after: 600) == .allowed)
        let ten = (0..<10).map { challenge(ago: $0 * 700) }
        #expect(allowance(ten, after: 86_400 - 6300, less: 1) == .dailyLimit)
        #expect(allowance(ten, after: 86_400 - 6300) == .allowed, "the oldest is a day old")
        #expect(allowance([], lockedAt: now, after: 3600, less: 1) == .locked(minutes: 1))
        #expect(allowance([], lockedAt: now, after: 3600) == .allowed)
    }

    @Test func fiveWrongTriesBurnACode() {
        for attempts in 0..<5 {
            #expect(
                policy([challenge(ago: 1, attempts: attempts)]).check("123456") { _, _ in false }
                    == .wrong(attemptsLeft: 4 - attempts))
        }
        #expect(policy([challenge(ago: 1, attempts: 5)]).check("123456") { _, _ in true } == .burned)
    }

    @Test func onlyTheNewestCodeCountsAndOnlyOnce() {
        #expect(policy([challenge(ago: 1, consumed: true)]).check("123456") { _, _ in true } == .noChallenge)
        #expect(policy([]).check("123456") { _, _ in true } == .noChallenge)
        #expect(policy([challenge(ago: 1)]).check(nil) { _, _ in true } == .noCode)
        let newest = challenge(ago: 1)
        _ = policy([newest, challenge(ago: 2)]).check("123456") { compared, _ in
            #expect(compared == newest)
            return true
        }
    }

    @Test func threeSendsInTenMinutesAndTenADay() {
        #expect(policy([10, 20].map { challenge(ago: $0) }).allowance() == .allowed)
        #expect(policy([10, 20, 100].map { challenge(ago: $0) }).allowance() == .wait(minutes: 9))
        #expect(policy([10, 20, 599].map { challenge(ago: $0) }).allowance() == .wait(minutes: 1))
        #expect(policy([10, 20, 600].map { challenge(ago: $0) }).allowance() == .allowed)
        #expect(policy((1...10).map { challenge(ago: $0 * 3600) }).allowance() == .dailyLimit)
        #expect(policy((1...9).map { challenge(ago: $0 * 3600) }).allowance() == .allowed)
    }

    @Test func tenFailuresInARowLockForAnHour() {
        let nine = [challenge(ago: 1, attempts: 4), challenge(ago: 200, attempts: 5)]
        #expect(policy(nine).check("123456") { _, _ in false } == .wrongAndLocked(minutes: 60))
        #expect(policy(nine).isLastTryBeforeLock)
        #expect(!policy([challenge(ago: 1, attempts: 3), challenge(ago: 200, attempts: 5)]).isLastTryBeforeLock)
        #expect(
            !policy([challenge(ago: 1, attempts: 4), challenge(ago: 200, attempts: 5, consumed: true)])
                .isLastTryBeforeLock, "a success in between starts the count again")
        #expect(policy(nine, lockedAgo: 60).allowance() == .locked(minutes: 59))
        #expect(policy(nine, lockedAgo: 60).check("123456") { _, _ in true } == .burned)
        #expect(policy([challenge(ago: 1)], lockedAgo: 3600).allowance() == .allowed)
        #expect(!policy(nine, lockedAgo: 0).isLastTryBeforeLock, "failures before the lock are paid for")
    }
}
