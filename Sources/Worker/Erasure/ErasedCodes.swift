import Common

/// What the limits on one-time codes keep of people who were erased, for a day: when a code was sent to a number, and
/// whether its owner was locked, under an HMAC of the number.
struct ErasedCodes: Hashable, Sendable {
    /// When codes were sent to the number, newest first.
    var sent: [Timestamp] = []
    /// When the number was locked last.
    var lockedAt: Timestamp?

    /// The statements that keep a person's own.
    static func keep(_ person: Person, _ codes: OneTimeCode, now: Timestamp) -> [SQL] {
        let locked = person.lockedAt.flatMap { now < $0 + CodePolicy.lock ? $0 : nil }
        var kept = person.challenges.filter { now < $0.createdAt + CodePolicy.longestWindow }
            .map { (number: $0.sentTo, sentAt: $0.createdAt) }
        if kept.isEmpty, let locked, let number = person.phoneNumber { kept = [(number, locked)] }
        return kept.map { code in
            let statement: SQL = """
                INSERT INTO erased_codes (number_mac, sent_at, locked_at)
                VALUES (\(codes.mac(ofNumber: code.number)), \(code.sentAt), \(locked))
                """
            return statement.named("erased_code")
        }
    }

    /// Reads those of a number, or of two, of the last day.
    static func select(_ number: String?, _ other: String?, _ codes: OneTimeCode, now: Timestamp) -> SQL {
        let (mac, otherMAC) = (number.map { codes.mac(ofNumber: $0) }, other.map { codes.mac(ofNumber: $0) })
        let (older, otherOlder) = (
            number.flatMap { codes.secondaryMAC(ofNumber: $0) }, other.flatMap { codes.secondaryMAC(ofNumber: $0) }
        )
        return """
            SELECT sent_at, locked_at FROM erased_codes
             WHERE number_mac IN (\(mac), \(otherMAC), \(older), \(otherOlder)) AND sent_at > \(now - CodePolicy.longestWindow)
             ORDER BY sent_at DESC LIMIT 40
            """
    }

    init(_ rows: [PostgresRow]) throws(PostgresError) {
        for row in rows {
            sent.append(try row.column(0))
            lockedAt = [lockedAt, try row.column(1)].compactMap { $0 }.max()
        }
    }

    init() {}

    /// Those that are of no more use.
    static func expire(now: Timestamp) -> SQL {
        let statement: SQL = """
            DELETE FROM erased_codes WHERE sent_at < \(now - CodePolicy.longestWindow)
            """
        return statement.named("expire_erased_codes")
    }
}
