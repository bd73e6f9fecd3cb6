import Common
import Glibc
import Subprocess
import TestSupport
import Testing

/// Nothing is left of people who are erased, and everything of the others.
@Suite(.serialized) struct ErasureSystemTests {
    /// By the chat and by an operator, a person with a number and one who hides it: then every row and key is searched.
    @Test(.timeLimit(.minutes(3)))
    func nothingIsLeftOfThoseWhoAreErased() async throws {
        try await withErasureGround { ground in
            let product = ground.product
            let zoe = try await ground.phone("Zebedee Quillfeather", "+447700900877")
            let hidden = try await ground.phone("Xanthippe Okonkwo", "+447700900866", username: "xantippe")
            let other = try await ground.phone("Bertram Bystander", "+447700900855")
            let userID = try #require(hidden.chat.firstMatch(of: /GB\.[0-9]+/).map { String($0.0) })
            for (phone, word) in [(zoe, "marzipan"), (hidden, "rhubarb"), (other, "gooseberry")] {
                try await ground.live(phone, word: word)
                try await ground.die(phone, word: word)
            }
            try await until("all events are told") { try await product.events().count == 9 }
            try await ground.settled()
            let words = ["447700900877", "Zebedee", "Quillfeather", "marzipan"]
            let hiddenWords = ["447700900866", "Xanthippe", "Okonkwo", "rhubarb", userID]
            let otherWords = ["447700900855", "Bertram", "gooseberry"]
            let before = try await TraceSearch(product)
            for word in words + hiddenWords + otherWords {
                #expect(!before.places(of: [word]).isEmpty, "\(word) is found where it is")
            }
            let confirming = try await ground.sql(
                "SELECT message_sid FROM inbound_messages WHERE sender = '\(zoe.chat)' ORDER BY sequence LIMIT 1")
            let users = try await ground.sql("SELECT id FROM users WHERE phone_number = '+447700900877'")
            let journey = try await ground.sql("SELECT id FROM claims WHERE user_id = '\(users)'")

            try await ground.say("DELETE MY DATA", zoe)
            let farewell = try await ground.say("YES", zoe)
            #expect(farewell.lowercased().contains("delete"))
            let output = try await product.operator("user", "erase", userID, "--yes", "--json")
            #expect(output.contains(#""erased":true"#) && output.contains(#""claims":1"#))
            #expect(!output.contains(userID))
            try await ground.erased(2)

            let after = try await TraceSearch(product)
            #expect(after.places(of: words) == [])
            #expect(after.places(of: hiddenWords) == [])
            for program in [Product.Program.ingest, .worker, .relay] {
                let log = try await run(
                    .name("cat"), arguments: [product.log(program)], output: .string(limit: 10_000_000)
                ).standardOutput
                #expect(!log.isEmpty)
                for word in words + hiddenWords { #expect(!log.contains(word), "\(word) is in \(program)'s log") }
            }
            let verified = try await product.operator("outbox", "verify")
            #expect(verified.contains("log and stream agree") && verified.contains("of erased people"))
            for word in otherWords {
                let (had, has) = (before.lasting(of: [word]), after.lasting(of: [word]))
                #expect(had.count == has.count, "\(word) stays")
            }
            #expect(try await ground.sql("SELECT count(*) FROM users") == "1")
            #expect(try await ground.sql("SELECT count(*) FROM claim_media") == "1")
            #expect(try await ground.sql("SELECT counts->>'claims' FROM erasures WHERE source = 'requested'") == "1")
            let told = try await product.events().filter { $0["type"] == "user.deleted" }
            #expect(told.count == 2 && told.contains { $0["subject"] == users })

            // What comes again is known, and makes nobody known.
            try await forgetSeen(product)
            #expect(try await product.say("hi marzipan", sid: confirming, from: zoe.number) == 200)
            try await ground.settled()
            // Nor does backfill bring it back, which knows Twilio's whole list.
            #expect(try await ground.backfill() == 0)
            #expect(try await ground.sql("SELECT count(*) FROM users") == "1")
            let again = try await TraceSearch(product).lasting(of: words)
            #expect(again == [])

            // Nor does what another service still tells about them.
            try await ground.tell(
                #""eligible":false,"reason":"marzipan""#, journey: journey, user: users, id: "late")
            try await until("the event is recorded") {
                try await ground.sql("SELECT sender FROM inbound_messages WHERE message_sid = 'event:late'")
                    == "user:\(users)"
            }
            try await ground.settled()
            let late = try await TraceSearch(product).lasting(of: words)
            #expect(late == [])

            // And who writes again begins as someone new.
            let welcome = try await ground.say("hello", zoe)
            #expect(welcome.contains("/terms"))
            let known = try await ground.sql("SELECT id FROM users WHERE phone_number = '+447700900877'")
            #expect(!known.isEmpty && known != users)
        }
    }

    /// The worker dies after the commit, after Redis has forgotten the conversation, after the farewell, before the end.
    @Test(.timeLimit(.minutes(2)), arguments: [FaultPoint.afterCommit, .afterForget, .afterReplies, .beforeCleaned])
    func aWorkerThatDiesErasesOnceAllTheSame(point: FaultPoint) async throws {
        try await withErasureGround(programs: [.simulator, .ingest]) { ground in
            let product = ground.product
            let zoe = try await ground.phone("Zebedee Quillfeather", "+447700900877")
            try await ground.know(zoe)
            let quick = ["QUEUE_LEASE_SECONDS": "1"]
            let first = try await product.start(.worker, quick)
            try await ground.say("DELETE MY DATA", zoe)
            try await ground.settled()
            try await first.stop(SIGTERM)

            let doomed = try await product.start(
                .worker, quick.merging(["FAULT_POINT": point.rawValue]) { $1 })
            try await ground.send("YES", zoe)
            #expect(try await doomed.end() == .signal(SIGKILL), "\(point.rawValue) is reached")
            let worker = try await product.start(.worker, quick)
            try await ground.erased(1)
            #expect(try await product.replies(to: zoe.chat).count == 2, "one farewell")
            let traces = try await TraceSearch(product).lasting(of: ["447700900877", "Zebedee"])
            #expect(traces == [])
            #expect(try await ground.sql("SELECT count(*) FROM users") == "0")
            #expect(
                try await ground.sql("SELECT count(*) FROM outbox_events WHERE event_type = 'user.deleted'") == "1")
            try await worker.stop(SIGTERM)
        }
    }

    /// A farewell that was left behind is sent when the number is heard of again, and makes nobody known by that.
    @Test(.timeLimit(.minutes(2)))
    func aFarewellLeftBehindIsSentAndMakesNobodyKnown() async throws {
        try await withErasureGround(programs: [.simulator, .ingest, .worker]) { ground in
            let product = ground.product
            let zoe = try await ground.phone("Zebedee Quillfeather", "+447700900877")
            try await ground.sql(
                """
                INSERT INTO outbound_messages (in_reply_to, sender, recipient, body)
                VALUES ('SMgone', '\(zoe.chat)', '\(zoe.chat)', 'Goodbye');
                INSERT INTO erasures (user_id, message_sid, source, erased_at, addresses)
                VALUES (gen_random_uuid(), 'SMgone', 'requested', now(), ARRAY['\(zoe.chat)'])
                """)
            let notice = Envelope(
                messageSID: "throttled:SM1", sender: zoe.chat, receivedAt: .now, correlationID: CorrelationID(),
                kind: .event, body: Array(#"{"type":"sender.throttled"}"#.utf8))
            try await product.redisCommand("RPUSH", "{wa:0}:in", .init(notice.encoded()))
            try await until("the farewell is sent") { try await product.replies(to: zoe.chat) == ["Goodbye"] }
            try await ground.erased(1)
            #expect(try await ground.sql("SELECT count(*) FROM users") == "0")
            #expect(try await TraceSearch(product).lasting(of: ["447700900877"]) == [])
        }
    }

    /// An operator's erasure amid messages takes its turn: what was said before goes, what is said after is of someone new.
    @Test(.timeLimit(.minutes(2)))
    func anErasureAmidMessagesTakesItsTurn() async throws {
        try await withErasureGround(programs: [.simulator, .ingest, .worker]) { ground in
            let product = ground.product
            let zoe = try await ground.phone("Zebedee Quillfeather", "+447700900877")
            let nobody = try await ground.phone("Never Registered", "+447700900866")
            try await ground.know(zoe)
            let old = try await ground.sql("SELECT id FROM users")
            try await ground.die(nobody, word: "quince")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for _ in 0..<12 { try await ground.send("help", zoe) } }
                group.addTask { try await product.operator("user", "erase", zoe.number, "--yes") }
                group.addTask { try await product.operator("user", "erase", nobody.number, "--yes") }
                try await group.waitForAll()
            }
            try await ground.erased(2)
            try await until("every message is answered", within: .seconds(30)) {
                try await product.replies(to: zoe.chat).count >= 12
            }
            try await ground.settled()
            #expect(try await ground.sql("SELECT count(*) FROM users WHERE id = '\(old)'") == "0")
            // In the order in which they were handled: all before are blank, all after are not.
            let order = try await ground.sql(
                """
                SELECT bool_and((sender = '') = (sequence <= (SELECT max(sequence) FROM inbound_messages
                         JOIN erasures USING (message_sid) WHERE user_id = '\(old)')))
                  FROM inbound_messages WHERE kind = 'message'
                """)
            #expect(order == "t")
            #expect(try await ground.sql("SELECT count(*) FROM inbound_messages WHERE kind = 'message'") == "12")
            #expect(try await TraceSearch(product).lasting(of: ["447700900866", "quince"]) == [])
        }
    }

    /// Settings are kept and told of, and an outcome is not told to who wants no notifications.
    @Test(.timeLimit(.minutes(2)))
    func settingsAreKeptAndNotificationsMuted() async throws {
        try await withErasureGround { ground in
            let product = ground.product
            let zoe = try await ground.phone("Zebedee Quillfeather", "+447700900877")
            try await ground.know(zoe)
            try await ground.sql(
                """
                INSERT INTO claims (user_id, reference, origin_crs, destination_crs, scheduled_departure)
                SELECT id, 'DR-CDFGHJ', 'LDS', 'YRK', now() FROM users
                """)
            // Kept for too long: gone when the test is over.
            try await ground.sql(
                """
                INSERT INTO inbound_messages (message_sid, sender, kind, received_at, processed_at) VALUES
                  ('SMold', 'x', 'message', now() - interval '91 days', now()),
                  ('SMyoung', 'x', 'message', now() - interval '89 days', now())
                """)
            for text in ["NOTIFICATIONS OFF", "LANGUAGE WELSH", "TIME ZONE Paris"] { try await ground.say(text, zoe) }
            #expect(
                try await ground.sql("SELECT notifications_enabled, language, timezone FROM user_preferences")
                    == "f|cy-GB|Europe/Paris")
            let shown = try await ground.say("SETTINGS", zoe)
            #expect(shown.contains("Paris"))
            try await until("the changes are told") { try await product.events().count == 3 }
            let told = try await product.events()
            #expect(Set(told.map { $0["type"] }) == ["preferences.changed"])
            #expect(told[0]["data"]?.contains(#""notifications_enabled": false"#) == true, "\(told[0])")

            let user = try await ground.sql("SELECT id FROM users")
            let journey = try await ground.sql("SELECT id FROM claims")
            try await ground.tell(#""eligible":true,"compensation_pence":625"#, journey: journey, user: user, id: "e1")
            try await until("it counts") { try await ground.sql("SELECT status FROM claims") == "eligible" }
            try await ground.settled()
            #expect(try await product.replies(to: zoe.chat).count == 4, "nothing is said of it")
            try await ground.say("NOTIFICATIONS ON", zoe)
            try await ground.tell(#""eligible":false"#, journey: journey, user: user, id: "e2")
            try await until("now it is") { try await product.replies(to: zoe.chat).count == 6 }
            try await until("what is old is deleted", within: .seconds(45)) {
                try await ground.sql("SELECT string_agg(message_sid, ',') FROM inbound_messages WHERE sender = 'x'")
                    == "SMyoung"
            }
        }
    }

    /// Redis forgets which messages it has seen: the database still knows.
    private func forgetSeen(_ product: Product) async throws {
        for key in try await product.redisCommand("KEYS", "{wa:0}:dd:*").array?.compactMap(\.string) ?? [] {
            try await product.redisCommand("DEL", .init(key))
        }
    }
}
