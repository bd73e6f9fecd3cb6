import Common
import TestSupport
import Testing

@testable import Operator

@Suite struct UserTests {
    static let userID = "GB.13491208655302741918"
    static let phone = "+447700900123"

    /// Somebody who hides their number, with messages, a claim, a code and events, and a state in Redis.
    func withPerson(_ body: (QueueFixture) async throws -> Void) async throws {
        try await withQueueFixture { fixture in
            let sender = "whatsapp:" + Self.userID
            let code = #"'\x"# + String(repeating: "ab", count: 32) + "'"
            _ = try await fixture.sql(
                """
                WITH u AS (INSERT INTO users (sender, phone_number, external_user_id, display_name)
                  VALUES ('\(sender)', '\(Self.phone)', '\(sender)', 'Zebedee') RETURNING id),
                p AS (INSERT INTO user_preferences (user_id, language) SELECT id, 'cy-GB' FROM u),
                c AS (INSERT INTO claims (user_id, reference, origin_crs, destination_crs, scheduled_departure)
                  SELECT id, 'DR-CDFGHJ', 'LDS', 'YRK', now() FROM u),
                o AS (INSERT INTO otp_challenges (user_id, code_mac, salt, channel, sent_to, expires_at, created_at)
                  SELECT id, \(code), \(code), 'sms', '\(Self.phone)', '2026-01-01', '2026-01-01' FROM u)
                INSERT INTO claim_media (id, user_id, url, media_type, sha256, content)
                  SELECT gen_random_uuid(), id, 'https://api.twilio.com/m', 'image/png', \(code), 'pixels' FROM u;
                INSERT INTO inbound_messages (message_sid, sender, kind, raw, received_at)
                  VALUES ('SM1', '\(sender)', 'message', 'Body=marzipan+%26+more&From=x', now());
                INSERT INTO outbound_messages (sender, recipient, body, state)
                  VALUES ('whatsapp:\(Self.phone)', '\(sender)', 'Hello Zebedee', 'sent');
                """)
            _ = try await fixture.redis("SET", .init("{wa:0}:state:\(sender)"), #"{"name":"menu"}"#)
            _ = try await fixture.redis(
                "RPUSH", "{wa:0}:dead", .init(QueueFixture.dead(QueueFixture.envelope("SM9", "quince", from: sender))))
            try await body(fixture)
        }
    }

    @Test(arguments: ["07700 900123", userID])
    func everythingIsExportedAndNoSecret(given: String) async throws {
        try await withPerson { fixture in
            let run = try await fixture.run("user", "export", given)
            #expect(run.exitCode == 0, "\(run.error)")
            let value = try #require(JSONValue(parsing: Array(run.output.utf8)))
            #expect(value["user"]?["display_name"]?.string == "Zebedee")
            #expect(value["preferences"]?["language"]?.string == "cy-GB")
            #expect(value["conversation"]?["name"]?.string == "menu")
            #expect(run.output.contains("marzipan & more") && run.output.contains("Hello Zebedee"))
            #expect(run.output.contains("quince") && run.output.contains("DR-CDFGHJ"))
            #expect(run.output.contains(#""bytes":6"#) && !run.output.contains("pixels"))
            for secret in ["code_mac", "salt", "\"fence\""] { #expect(!run.output.contains(secret)) }
            guard case .array(let codes)? = value["codes"] else { throw HarnessError("no codes") }
            #expect(codes.count == 1 && codes[0]["sent_to"]?.string == Self.phone)
        }
    }

    @Test func aDryRunCountsAndChangesNothing() async throws {
        try await withPerson { fixture in
            let run = try await fixture.run("user", "erase", Self.phone, "--dry-run", "--json")
            #expect(run.exitCode == 0, "\(run.error)")
            let value = try #require(JSONValue(parsing: Array(run.output.utf8)))
            for table in ["users", "claims", "inbound_messages", "outbound_messages", "dead_letters", "redis_state"] {
                #expect(value["rows"]?[table] == .integer(1), "\(table)")
            }
            #expect(value["erased"] == .bool(false) && value["dry_run"] == .bool(true))
            #expect(!run.output.contains(Self.userID))
            let text = try await fixture.run("user", "erase", Self.userID, "--dry-run")
            #expect(text.output.contains("would erase whatsapp:GB.13…918"), "\(text.output)")
            #expect(try await fixture.sql("SELECT count(*) FROM users") == "1")
            let queued = try await fixture.redis("LLEN", "{wa:0}:in").int
            #expect(queued == 0)
        }
    }

    @Test func withoutAWorkerItIsQueuedAndSaidSo() async throws {
        try await withPerson { fixture in
            let run = try await fixture.run("user", "erase", Self.phone, "--yes", "--wait", "1")
            #expect(run.exitCode == 1 && run.error.contains("no worker has done it"))
            let entry = try await fixture.redis("LINDEX", "{wa:0}:in", 0)
            guard case .bytes(let bytes) = entry else { throw HarnessError("nothing is queued") }
            let envelope = try Envelope(decoding: bytes)
            #expect(envelope.kind == .event && envelope.messageSID.hasPrefix("erase:"))
            #expect(envelope.sender.hasPrefix("user:"))
            #expect(!String(decoding: bytes, as: UTF8.self).contains("7700900123"))
        }
    }

    @Test func whoIsUnknownIsSaidToBe() async throws {
        try await withPerson { fixture in
            for arguments in [["export"], ["erase", "--dry-run"], ["erase", "--yes"]] {
                let run = try await OperatorRun(
                    ["user"] + arguments + ["+447700900000"], environment: fixture.environment)
                #expect(
                    run.exitCode == 1 && run.error.contains("nobody is known as whatsapp:+4477…000"), "\(run.error)")
            }
            let unsure = try await fixture.run("user", "erase", Self.phone)
            #expect(unsure.exitCode == 2 && unsure.error.contains("--dry-run"))
            _ = try await fixture.sql("INSERT INTO users (sender) VALUES ('whatsapp:\(Self.phone)')")
            let ambiguous = try await fixture.run("user", "export", Self.phone)
            #expect(ambiguous.exitCode == 1 && ambiguous.error.contains("another's proven number"))
            let one = try await fixture.run("user", "export", "whatsapp:\(Self.phone)")
            #expect(one.exitCode == 0 && !one.error.contains("7700900123"))
        }
    }
}
