package import Common

/// What Postgres knows of listed messages and of who sent them.
package struct StoredMessages: Sendable {
    private let postgres: PostgresClient

    package init(postgres: PostgresClient) { self.postgres = postgres }

    /// Those of `sids` that need no push: stored and answered, or given up on.
    ///
    /// One that was committed but not answered is pushed like one that was never seen: when Redis has lost its push,
    /// nobody else would send the reply. After an hour without an attempt it is a reply that is not repeated.
    package func known(_ sids: [String]) async throws(BackfillError) -> [String: BackfillPlan.Knowledge] {
        guard !sids.isEmpty else { return [:] }
        let question: SQL = """
            SELECT message_sid, false FROM inbound_messages WHERE message_sid = ANY (\(sids))
               AND NOT EXISTS (
                 SELECT 1 FROM outbound_messages reply
                  WHERE reply.in_reply_to = inbound_messages.message_sid AND reply.state IN ('sending', 'unknown')
                    AND reply.updated_at > now() - interval '1 hour')
            UNION ALL SELECT message_sid, true FROM dead_letters WHERE message_sid = ANY (\(sids))
            """
        do {
            let rows = try await postgres.unit(question.named("backfill_known")).rows
            var known: [String: BackfillPlan.Knowledge] = [:]
            for row in rows { known[try row.column(0)] = try row.column(1) ? .dead : .stored }
            return known
        } catch { throw .database(error) }
    }

    /// The queues of people who are known by an external user id, by the address that the list shows of them.
    ///
    /// The list has no `ExternalUserId`. Somebody who has a conversation under their number keeps that one, even when
    /// another person has had a code sent to it.
    package func senders(of addresses: Set<String>) async throws(BackfillError) -> [String: String] {
        let numbers = addresses.compactMap { ChannelAddress($0) }.filter(\.isWhatsApp).compactMap(\.phoneNumber?.e164)
        guard !numbers.isEmpty else { return [:] }
        let question: SQL = """
            SELECT 'whatsapp:' || phone_number, sender FROM users
             WHERE phone_number = ANY (\(numbers)) AND sender = external_user_id
               AND NOT EXISTS (SELECT 1 FROM users own WHERE own.sender = 'whatsapp:' || users.phone_number)
            """
        do {
            let rows = try await postgres.unit(question.named("backfill_senders")).rows
            return Dictionary(
                try rows.map { row throws(PostgresError) in (try row.column(0), try row.column(1)) },
                uniquingKeysWith: { first, _ in first })
        } catch { throw .database(error) }
    }
}
