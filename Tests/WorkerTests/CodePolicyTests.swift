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

@Suite struct OneTimeCodeTests {
    let codes = OneTimeCode(secret: Secret(String(repeating: "k", count: 32)))

    @Test func aCodeIsSixDigitsAndFoundAgain() {
        let challenge = UUID.random()
        for _ in 0..<1000 {
            let salt = OneTimeCode.salt()
            let code = codes.code(salt: salt, challenge: challenge)
            #expect(code.utf8.count == 6 && code.allSatisfy { ("0"..."9").contains($0) })
            #expect(codes.code(salt: salt, challenge: challenge) == code)
        }
    }

    /// All million codes are as likely as each other: each leading digit within 5 % of a tenth of 100,000.
    @Test func leadingDigitsAreEven() {
        var counts = [Character: Int]()
        let challenge = UUID.random()
        for _ in 0..<100_000 {
            guard let first = codes.code(salt: OneTimeCode.salt(), challenge: challenge).first else { continue }
            counts[first, default: 0] += 1
        }
        #expect(counts.count == 10)
        #expect(counts.values.allSatisfy { (9500...10_500).contains($0) })
    }

    @Test func onlyTheRightCodeOfTheRightUserMatches() {
        let (salt, user, id) = (OneTimeCode.salt(), UUID.random(), UUID.random())
        let code = codes.code(salt: salt, challenge: id)
        let challenge = Challenge(
            id: id, mac: codes.mac(code: code, salt: salt, user: user), salt: salt, sentTo: "", expiresAt: .now,
            attempts: 0, consumedAt: nil, createdAt: .now)
        #expect(codes.matches(challenge, code, user: user))
        #expect(!codes.matches(challenge, code, user: .random()))
        #expect(!codes.matches(challenge, code == "000000" ? "000001" : "000000", user: user))
        let others = OneTimeCode(secret: Secret(String(repeating: "j", count: 32)))
        #expect(!others.matches(challenge, code, user: user))
    }
}
