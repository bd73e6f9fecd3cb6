import TestSupport
import Testing

/// Every migration can be taken back and applied again over data, and what the older schema has a place for is kept.
@Suite struct MigrationDataTests {
    @Test(.timeLimit(.minutes(3))) func dataOutlivesEveryStepDownAndUp() async throws {
        try await withProduct { product in
            func sql(_ text: String) async throws -> String {
                try await product.postgres.psql(
                    "SET search_path = whatsapp_handler; " + text, database: product.database)
            }
            _ = try await sql(Self.data)
            let newest = try await Int(sql("SELECT max(version) FROM schema_migrations")) ?? 0
            #expect(newest >= 8)
            let before = try await sql(Self.kept)
            #expect(before.contains("DR-7K3M9Q") && before.contains("SM1"))
            for version in (1..<newest).reversed() {
                try await product.operator(
                    "migrate", "down", "--to", "\(version)", "--yes", "--directory", "migrations")
                #expect(try await sql("SELECT max(version) FROM schema_migrations") == "\(version)")
                #expect(try await sql(Self.kept) == before, "at \(version)")
                try await product.operator("migrate", "up", "--directory", "migrations")
                #expect(try await sql(Self.kept) == before, "up again from \(version)")
            }
            // The one thing that an older schema has no word for: it becomes what that one calls a claim that is over.
            #expect(try await sql("SELECT status FROM claims") == "rejected")
        }
    }

    private static let data = """
        INSERT INTO users (id, sender, phone_number, fence) VALUES
          ('00000000-0000-4000-8000-000000000001', 'whatsapp:+447700900123', '+447700900123', 7);
        INSERT INTO user_preferences (user_id, timezone)
          VALUES ('00000000-0000-4000-8000-000000000001', 'Europe/Paris');
        INSERT INTO claims (user_id, reference, origin_crs, destination_crs, scheduled_departure, status) VALUES
          ('00000000-0000-4000-8000-000000000001', 'DR-7K3M9Q', 'LDS', 'YRK', now(), 'withdrawn');
        INSERT INTO inbound_messages (message_sid, sender, kind, raw, received_at, processed_at, outcome) VALUES
          ('SM1', 'whatsapp:+447700900123', 'message', 'Body=hi', now(), now(), '{"state": 1}');
        INSERT INTO outbound_messages (in_reply_to, sender, recipient, body, state) VALUES
          ('SM1', 'whatsapp:+447700900123', 'whatsapp:+447700900123', 'Welcome', 'sent');
        INSERT INTO dead_letters (message_sid, sender, reason, at) VALUES
          ('SM2', 'whatsapp:+447700900123', 'deliveries', now());
        INSERT INTO backfill_watermark (read_until) VALUES ('2026-01-02T03:04:05Z');
        """

    /// What the first schema had already.
    private static let kept = """
        SELECT sender, phone_number, fence FROM users;
        SELECT timezone FROM user_preferences;
        SELECT reference, origin_crs FROM claims;
        SELECT message_sid, kind, encode(raw, 'escape'), outcome FROM inbound_messages;
        SELECT in_reply_to, body, state FROM outbound_messages;
        SELECT message_sid, reason FROM dead_letters;
        SELECT read_until AT TIME ZONE 'UTC' FROM backfill_watermark;
        """
}
