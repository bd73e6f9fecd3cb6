/// Copies the dead lists of Redis into the table `dead_letters`, the durable record of what was given up on.
///
/// Copying is safe to repeat and to do in many places at once: a letter is known by its MessageSid and its time.
/// Redis keeps the newest; the table keeps all.
package struct DeadLetterLedger: Sendable {
    /// Decides whether a passenger's words may be a one-time code, which is not stored.
    package typealias HoldsCode = @Sendable (String) -> Bool

    /// How many recorded letters of one pass are told of one by one.
    package static let noted = 20
    /// How many entries one read brings.
    private static let page = 500
    /// How many recorded entries Redis keeps.
    package static let kept = 10_000
    /// Bytes of letters in one unit to Postgres, which takes 16 MB.
    private static let unitBytes = 4 << 20

    private let redis: any RedisService
    private let postgres: PostgresClient
    private let keys: QueueKeys
    private let holdsCode: HoldsCode

    package init(
        redis: any RedisService, postgres: PostgresClient, keys: QueueKeys, holdsCode: @escaping HoldsCode
    ) {
        self.redis = redis
        self.postgres = postgres
        self.keys = keys
        self.holdsCode = holdsCode
    }

    /// What one pass over a shard's dead list did.
    package struct Pass: Sendable {
        /// Letters that the table did not have.
        package var recorded = 0
        /// The first of them, `noted` at most: for the log.
        package var letters: [DeadLetter] = []
        /// The newest entry; the next pass need not look at it and what is before it.
        package var newest: [UInt8]?
    }

    /// Records what a shard's dead list holds, newest first, down to the entry `mark` of an earlier pass.
    ///
    /// Every entry read is shown to `inspect`. Entries that are removed meanwhile make it begin again, so that none is
    /// passed over. At the end all but the newest are dropped from Redis.
    package func copy(
        shard: Int, downTo mark: [UInt8]? = nil, inspect: ([UInt8], DeadLetter) -> Void = { _, _ in }
    ) async throws -> Pass {
        let key = RedisArgument(keys.dead(shard))
        var pass = Pass()
        var skipped = 0
        var oldest: [UInt8]?
        var count: Int?
        while true {
            let erasure = try await latestErasure()
            // One more than a page: the entry read last must be there again.
            let reply = try await redis.send(
                RedisCommand("LRANGE", key, .init(-skipped - Self.page), .init(-max(1, skipped))),
                within: .seconds(10))
            var entries = (reply.array ?? []).compactMap(\.payload)
            if let known = oldest {
                guard let place = entries.lastIndex(of: known) else {
                    (skipped, oldest) = (0, nil)
                    continue
                }
                entries.removeSubrange(place...)
            }
            if pass.newest == nil { pass.newest = entries.last }
            if count == nil { count = try await redis.send(RedisCommand("LLEN", key)).int }
            let reached = mark.flatMap { entries.lastIndex(of: $0) }
            if let reached { entries.removeSubrange(...reached) }
            let letters = entries.map { DeadLetter(entry: $0) }
            for (entry, letter) in zip(entries, letters) { inspect(entry, letter) }
            guard let recorded = try await record(letters, unlessErasedSince: erasure) else {
                // What was read may be of who is erased, and no longer there.
                (skipped, oldest) = (0, nil)
                continue
            }
            pass.recorded += recorded.count
            pass.letters += recorded.prefix(Self.noted - pass.letters.count)
            guard reached == nil, let first = entries.first else { break }
            skipped += entries.count
            oldest = first
        }
        try await trim(key, from: count ?? 0)
        return pass
    }

    /// Drops the oldest from Redis; what is newer than this pass, and therefore not recorded yet, is far from there.
    private func trim(_ key: RedisArgument, from count: Int) async throws(RedisError) {
        guard count > Self.kept, let now = try await redis.send(RedisCommand("LLEN", key)).int,
            now - count < Self.kept / 2
        else { return }
        _ = try await redis.send(RedisCommand("LTRIM", key, .init(-Self.kept), -1))
    }

    /// Which erasure was the last to take letters off the dead lists.
    private func latestErasure() async throws(PostgresError) -> String {
        let question: SQL = "SELECT \(sql: Self.latestErasure)"
        return try await postgres.unit(question.named("dead_letter_erasure")).rows.first?.column(0) ?? ""
    }

    private static let latestErasure: SQL = "coalesce((SELECT max(cleaned_at)::text FROM erasures), '')"

    /// Stores letters that the table does not have yet, and tells which those were.
    ///
    /// Nothing is stored, and nil is given back, when somebody has been erased since `erasure` was the latest: theirs
    /// may be among the letters. An erasure that is under way waits until these are stored, and blanks them.
    package func record(
        _ letters: [DeadLetter], unlessErasedSince erasure: String? = nil
    ) async throws(PostgresError) -> [DeadLetter]? {
        guard !letters.isEmpty else { return [] }
        let withCode = try await awaitingCode(letters)
        var recorded: [DeadLetter] = []
        var unit: [SQL] = []
        var first = 0
        var bytes = 0
        for (place, letter) in letters.enumerated() {
            let stored = letter.redacted(always: withCode.contains(place + 1), holdsCode: holdsCode)
            if unit.isEmpty {
                unit.append("SELECT pg_advisory_xact_lock_shared('erasures'::regclass::oid::integer, 0)")
            }
            unit.append(Self.insertion(stored, unlessErasedSince: erasure))
            bytes += stored.envelope.count
            if bytes >= Self.unitBytes || unit.count > Self.page || place == letters.count - 1 {
                unit.append("SELECT \(sql: Self.latestErasure)")
                let results = try await postgres.unit(unit)
                if let erasure, try results.last?.rows.first?.column(0) != erasure { return nil }
                for (letter, result) in zip(letters[first...], results.dropFirst().dropLast()) where result.affected > 0
                {
                    recorded.append(letter)
                }
                (unit, bytes, first) = ([], 0, place + 1)
            }
        }
        return recorded
    }

    private static func insertion(_ letter: DeadLetter, unlessErasedSince erasure: String?) -> SQL {
        let sql: SQL = """
            INSERT INTO dead_letters (message_sid, sender, reason, error, deliveries, raw, at, correlation_id)
            SELECT \(letter.messageSID), \(letter.sender), \(letter.reason), \(letter.error), \(letter.deliveries)::integer,
                   \(letter.envelope)::bytea, \(letter.at)::timestamptz, \(letter.correlationID?.text)::text
             WHERE \(erasure)::text IS NULL OR \(erasure) = \(sql: latestErasure)
            ON CONFLICT (message_sid, at) DO NOTHING
            """
        return sql.named("dead_letter")
    }

    /// The places, from 1, of letters that came while their sender was asked for a code: any words of theirs may be it.
    private func awaitingCode(_ letters: [DeadLetter]) async throws(PostgresError) -> Set<Int> {
        let received = letters.map { $0.message?.receivedAt ?? $0.at }
        let sql: SQL = """
            SELECT DISTINCT m.place
              FROM unnest(\(letters.map(\.sender))::text[], \(received)::timestamptz[])
                   WITH ORDINALITY AS m (sender, received, place)
              JOIN users u ON u.sender = m.sender
              JOIN otp_challenges c ON c.user_id = u.id
             WHERE m.received >= c.created_at - interval '1 minute'
               AND m.received < least(coalesce(c.consumed_at, 'infinity'), c.expires_at + interval '1 hour')
            """
        let result = try await postgres.unit(sql.named("dead_letter_codes"))
        var places: Set<Int> = []
        for row in result.rows { places.insert(try row.column(0)) }
        return places
    }
}
