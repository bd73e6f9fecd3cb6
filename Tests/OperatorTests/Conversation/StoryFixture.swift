import Common
import TestSupport

/// A person who registered, claimed, and got no answer to their last message.
enum StoryFixture {
    static let sender = "whatsapp:+447700900123"
    static let user = UUID("0199d2c4-8a51-7c3e-9f60-2b8f4a6d1e07") ?? .random()
    static let unanswered = "SM00000000000000000000000000000003"
    static let providerSID = "SM000000000000000000000000000000f1"

    /// Writes everything, hours before now and seconds after each other.
    static func write(_ fixture: QueueFixture) async throws {
        let shard = OutboxShard.of(user.description)
        let mac = #"'\x"# + String(repeating: "ab", count: 32) + "'"
        _ = try await fixture.sql(
            """
            INSERT INTO users (id, sender, phone_number, verified_at, terms_version, created_at)
              VALUES ('\(user)', '\(sender)', '+447700900123', now() - interval '119 minutes', '2', now() - interval '2 hours');
            INSERT INTO inbound_messages (message_sid, sender, kind, raw, received_at, processed_at, correlation_id, outcome) VALUES
              ('SM00000000000000000000000000000001', '\(sender)', 'message', '\(form("SM00000000000000000000000000000001", "marzipan"))',
               now() - interval '120 minutes', now() - interval '120 minutes' + interval '45 milliseconds', 'c-1',
               '{"state":{"name":"awaitingOTP","version":1,"fields":{}},"replies":["a","b"]}'),
              ('SM00000000000000000000000000000002', '\(sender)', 'message', '\(form("SM00000000000000000000000000000002", "[redacted]"))',
               now() - interval '119 minutes', now() - interval '119 minutes' + interval '2 seconds', 'c-2',
               '{"state":{"name":"menu","version":1,"fields":{}},"replies":[]}'),
              ('\(unanswered)', '\(sender)', 'message', '\(form(unanswered, "quince", media: 1))',
               now() - interval '10 minutes', NULL, 'c-3', NULL);
            INSERT INTO inbound_messages (message_sid, sender, kind, raw, received_at, processed_at, correlation_id, outcome)
              VALUES ('SM1', 'whatsapp:+447700900999', 'message', 'Body=somebody+else', now(), now(), 'c-4', '{}');
            INSERT INTO otp_challenges (user_id, code_mac, salt, channel, sent_to, expires_at, attempts, consumed_at, created_at)
              VALUES ('\(user)', \(mac), \(mac), 'sms', '+447700900123', now(), 1, now() - interval '119 minutes', now() - interval '120 minutes');
            INSERT INTO outbound_messages (in_reply_to, position, sender, recipient, body, state, attempts, provider_sid, error_code, correlation_id, created_at, updated_at)
              VALUES ('SM00000000000000000000000000000001', 0, '\(sender)', '\(sender)', 'Hello nougat', 'delivered', 1, '\(providerSID)', NULL, 'c-1',
                      now() - interval '120 minutes' + interval '45 milliseconds', now() - interval '120 minutes' + interval '1245 milliseconds'),
                     ('SM00000000000000000000000000000001', 1, '\(sender)', '\(sender)', 'Second', 'failed', 2, NULL, '63016', 'c-1',
                      now() - interval '120 minutes' + interval '45 milliseconds', now() - interval '119 minutes');
            INSERT INTO claims (user_id, reference, origin_crs, destination_crs, scheduled_departure, status, compensation_pence, created_at, evaluated_at, evaluated_delay_minutes)
              VALUES ('\(user)', 'DR-CDFGHJ', 'LDS', 'YRK', now(), 'eligible', 1250, now() - interval '100 minutes', now() - interval '90 minutes', 35);
            SELECT outbox_register_sink('redis');
            SELECT outbox_append(gen_random_uuid(), \(shard), '\(user)', 'user', '\(user)', 'user.verified', 1,
                                 '{"phone_number":"+447700900123"}', 'c-2', 'SM00000000000000000000000000000002', NULL);
            INSERT INTO dead_letters (message_sid, sender, reason, error, deliveries, raw, at)
              VALUES ('SM9', '\(sender)', 'deliveries', 'no answer', 8, 'x', now() - interval '5 minutes');
            """)
        _ = try await fixture.redis(
            "SET", .init("{wa:0}:state:\(sender)"), #"{"name":"claimRoute","version":1,"fields":{"origin":"LDS"}}"#,
            "EX", 600)
    }

    static func form(_ sid: String, _ body: String, media: Int = 0) -> String {
        String(
            decoding: FormParameters.encode(
                [("Body", body), ("To", "whatsapp:+14155238886"), ("MessageSid", sid), ("From", sender)]
                    + (media > 0
                        ? [
                            ("NumMedia", "1"), ("MediaUrl0", "https://api.twilio.com/x"),
                            ("MediaContentType0", "image/png"),
                        ]
                        : [])), as: UTF8.self)
    }
}
