import Common

/// What is settled about a person: the row in `users`, without who they are.
struct PersonStanding: Hashable, Sendable {
    let knownSince: Timestamp
    let lastHeard: Timestamp?
    let verified: Timestamp?
    let termsVersion: String?
    let optedOut: Timestamp?
    let locked: Timestamp?
    let lockReason: String?

    static func question(_ user: UUID) -> SQL {
        """
        SELECT created_at, last_inbound_at, verified_at, terms_version, opted_out_at, blocked_at, block_reason
          FROM users WHERE id = \(user)
        """
    }

    init(_ row: PostgresRow) throws(PostgresError) {
        knownSince = try row.column(0)
        lastHeard = try row.column(1)
        verified = try row.column(2)
        termsVersion = try row.column(3)
        optedOut = try row.column(4)
        locked = try row.column(5)
        lockReason = try row.column(6)
    }

    /// In words: `known since …, verified …, terms 1`.
    var text: String {
        var parts = ["known since \(knownSince.rfc3339)"]
        parts.append(verified.map { "verified \($0.rfc3339)" } ?? "not verified")
        parts.append(termsVersion.map { "accepted terms \(Output.printable($0))" } ?? "has not accepted the terms")
        if let optedOut { parts.append("opted out \(optedOut.rfc3339)") }
        if let locked { parts.append("locked \(locked.rfc3339) (\(Output.printable(lockReason ?? "no reason")))") }
        return parts.joined(separator: ", ")
    }

    var json: JSONValue {
        [
            "known_since": .string(knownSince.rfc3339), "last_message_at": .string(lastHeard?.rfc3339),
            "verified_at": .string(verified?.rfc3339), "terms_version": .string(termsVersion),
            "opted_out_at": .string(optedOut?.rfc3339), "locked_at": .string(locked?.rfc3339),
            "lock_reason": .string(lockReason),
        ]
    }
}
