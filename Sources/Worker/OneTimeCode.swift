import Common

/// Makes and checks one-time codes without ever keeping one.
///
/// A code is a function of a random salt under `OTP_SECRET`, so that a worker that died between the commit and the
/// send finds it again, and neither the database nor Redis ever holds it. Without the secret the salt tells nothing
/// (HMAC-SHA256 is a pseudo-random function); what is stored to check it is another HMAC under the same secret.
///
/// While `OTP_SECRET` is replaced there are two keys: the first makes codes, and those of either are right.
struct OneTimeCode: Sendable {
    private let key: HMACKey
    private let secondary: HMACKey?

    private var keys: [HMACKey] { [key] + (secondary.map { [$0] } ?? []) }

    init(secret: Secret, secondary: Secret? = nil) {
        func made(_ secret: Secret) -> HMACKey { HMACKey(.sha256, key: Array(secret.value.utf8)) }
        key = made(secret)
        self.secondary = secondary.map(made)
    }

    /// A fresh salt from the system's generator.
    static func salt() -> [UInt8] { .random(16) }

    /// The six digits, 000000 to 999999, that belong to a salt.
    func code(salt: [UInt8], challenge: UUID) -> String { Self.code(key, salt, challenge) }

    /// The six digits of a code that was issued, maybe by a worker that had the other key first.
    func code(of issued: IssuedCode) -> String {
        let candidates = keys.map { ($0, Self.code($0, issued.salt, issued.challenge)) }
        let made = candidates.first { key, code in
            ConstantTime.equal(Self.mac(key, code, issued.salt, issued.user), issued.mac)
        }
        return made?.1 ?? code(salt: issued.salt, challenge: issued.challenge)
    }

    private static func code(_ key: HMACKey, _ salt: [UInt8], _ challenge: UUID) -> String {
        let block = key.code(for: Array("code".utf8) + salt + challenge.bytes)
        // 64 bits modulo a million: the bias is below one in 10^13.
        return digits(block.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % count)
    }

    /// How many codes there are.
    static let count: UInt64 = 1_000_000

    /// A number below `count` as six digits.
    static func digits(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 6 - digits.utf8.count) + digits
    }

    /// What is stored: HMAC-SHA256(code, salt ‖ user id).
    func mac(code: String, salt: [UInt8], user: UUID) -> [UInt8] { Self.mac(key, code, salt, user) }

    private static func mac(_ key: HMACKey, _ code: String, _ salt: [UInt8], _ user: UUID) -> [UInt8] {
        key.code(for: Array(code.utf8) + salt + user.bytes)
    }

    /// What is kept of a number whose owner was erased; not of the number alone, so that nobody can try all numbers.
    func mac(ofNumber number: String) -> [UInt8] { Self.mac(key, ofNumber: number) }

    /// What may have been kept of a number under the other key.
    func secondaryMAC(ofNumber number: String) -> [UInt8]? { secondary.map { Self.mac($0, ofNumber: number) } }

    private static func mac(_ key: HMACKey, ofNumber number: String) -> [UInt8] {
        key.code(for: Array("number".utf8) + Array(number.utf8))
    }

    /// Compares in constant time, with each key.
    func matches(_ challenge: Challenge, _ code: String, user: UUID) -> Bool {
        var isRight = false
        for key in keys where ConstantTime.equal(Self.mac(key, code, challenge.salt, user), challenge.mac) {
            isRight = true
        }
        return isRight
    }
}
