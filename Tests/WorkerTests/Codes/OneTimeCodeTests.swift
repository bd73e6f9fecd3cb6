import Common
import Testing

@testable import Worker

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

    /// Every one of the million codes can be made, leading zeros and all, and each in one way.
    @Test func everyCodeHasSixDigits() {
        var last = ""
        for number in 0..<OneTimeCode.count {
            let code = OneTimeCode.digits(number)
            guard code.utf8.count == 6, UInt64(code) == number, code > last else {
                Issue.record("\(number) is written \(code)")
                return
            }
            last = code
        }
        #expect(last == "999999" && OneTimeCode.digits(7) == "000007")
    }

    /// All codes are as likely as each other, in every digit's place and in their thousands: salts that are counted
    /// through, so that the figures are the same in every run.
    @Test func codesAreEven() throws {
        let draws = 60_000
        let challenge = try #require(UUID("0190f3c2-0000-7000-8000-000000000001"))
        var places = [[Int]](repeating: [Int](repeating: 0, count: 10), count: 6)
        var thousands = [Int](repeating: 0, count: 1000)
        for draw in 0..<draws {
            let salt = (0..<16).map { UInt8(truncatingIfNeeded: draw >> ($0 * 8)) }
            let digits = codes.code(salt: salt, challenge: challenge).utf8.map { Int($0 &- 48) }
            for (place, digit) in digits.enumerated() { places[place][digit] += 1 }
            thousands[digits[0] * 100 + digits[1] * 10 + digits[2]] += 1
        }
        func chiSquared(_ counts: [Int]) -> Double {
            let expected = Double(draws) / Double(counts.count)
            return counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        }
        // One in a thousand even draws is above 27.9 with 9 degrees of freedom, above 1143 with 999.
        for place in places { #expect(chiSquared(place) < 27.9) }
        #expect(chiSquared(thousands) < 1143)
        #expect(places[0][0] > draws / 10 * 95 / 100, "codes that begin with 0 are as many as others")
        // The measure is worth something: codes from 100000 up, as they are often made, are noticed at once.
        #expect(chiSquared([0] + [Int](repeating: draws / 9, count: 9)) > 27.9)
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

    /// While one secret takes the other's place, workers have both, in either order.
    @Test func codesOfEitherSecretCountWhileOneReplacesTheOther() {
        let (old, new) = (Secret(String(repeating: "k", count: 32)), Secret(String(repeating: "j", count: 32)))
        let both = [OneTimeCode(secret: old, secondary: new), OneTimeCode(secret: new, secondary: old)]
        for maker in both {
            let issued = issue(maker)
            for checker in both {
                #expect(checker.code(of: issued) == maker.code(of: issued))
                #expect(checker.matches(challenge(issued), maker.code(of: issued), user: issued.user))
            }
            #expect(maker.code(of: issued) == maker.code(salt: issued.salt, challenge: issued.challenge))
        }
        let issued = issue(both[1])
        #expect(!codes.matches(challenge(issued), both[1].code(of: issued), user: issued.user), "the old one alone")
        let number = "+447700900123"
        #expect(both[1].secondaryMAC(ofNumber: number) == codes.mac(ofNumber: number))
        #expect(both[1].mac(ofNumber: number) != codes.mac(ofNumber: number))
        #expect(codes.secondaryMAC(ofNumber: number) == nil)
    }

    private func issue(_ maker: OneTimeCode) -> IssuedCode {
        let (salt, user, id) = (OneTimeCode.salt(), UUID.random(), UUID.random())
        let mac = maker.mac(code: maker.code(salt: salt, challenge: id), salt: salt, user: user)
        return IssuedCode(challenge: id, salt: salt, user: user, mac: mac)
    }

    private func challenge(_ issued: IssuedCode) -> Challenge {
        Challenge(
            id: issued.challenge, mac: issued.mac, salt: issued.salt, sentTo: "", expiresAt: .now, attempts: 0,
            consumedAt: nil, createdAt: .now)
    }
}
