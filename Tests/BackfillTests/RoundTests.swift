import Backfill
import Common
import Logging
import TestSupport
import Testing

/// What one reading of the list finds and pushes, against real servers.
@Suite struct RoundTests {
    @Test func whatPostgresDoesNotKnowIsPushedOldestFirst() async throws {
        try await withGrounds { grounds in
            grounds.provider.add((1...6).map { message($0, age: 100 - 10 * $0) })
            grounds.provider.add(message(7, age: 5), message(8, age: 50, isInbound: false))
            try await grounds.store(2)
            try await grounds.store(4, in: "dead_letters")
            let memory = PushedMessages()
            let summary = try await grounds.round().run(grounds.plan, memory)
            let pushed = try await grounds.pushed()
            #expect(pushed.map(\.messageSID) == [1, 3, 5, 6].map { sid($0).text })
            #expect(summary.pushed == 4 && summary.listed == 6 && summary.young == 1)
            #expect(summary.missing.map(\.message.sid) == [1, 3, 5, 6].map { sid($0) })

            // They wait for their turn: read again, they are not pushed again, and hold the watermark back.
            let again = try await grounds.round().run(grounds.plan, memory)
            #expect(again.pushed == 0 && again.waiting == 4)
            #expect(again.oldestOpen == summary.oldestOpen)
            let count = try await grounds.pushed().count
            #expect(count == 4)
            // Another Redis has none of them.
            memory.clear()
            let after = try await grounds.round().run(grounds.plan, memory)
            #expect(after.pushed == 4)
        }
    }

    /// Another database has the sender: what this one does not know of them is not missing here.
    @Test func whatIsOfAnotherDatabaseIsNotPushed() async throws {
        try await withGrounds { grounds in
            let listed = (1...3).map { message($0, age: 100 - 10 * $0) }
            grounds.provider.add(listed)
            let senders = Set(listed.map(\.from.text))
            let shards = Set(senders.map { QueueKeys(shards: 64).shard(of: $0) })
            let others = (0..<64).filter { !shards.contains($0) }.map(String.init).joined(separator: ",")
            let served = try #require(ServedShards(others, of: 64))
            let queue = BackfillQueue(redis: grounds.redis, keys: QueueKeys(served))
            let round = BackfillRound(
                listing: grounds.listing, stored: StoredMessages(postgres: grounds.postgres), queue: queue,
                limits: grounds.limits)
            let summary = try await round.run(grounds.plan, PushedMessages())
            #expect(summary.pushed == 0 && summary.missing.isEmpty && summary.waiting == 0)
            let depth = try await queue.depth()
            #expect(depth == 0)
        }
    }

    /// Redis lost the push of a message whose reply was still to be sent: nobody else would send it.
    @Test func whatIsNotAnsweredIsPushedToo() async throws {
        try await withGrounds { grounds in
            grounds.provider.add((1...4).map { message($0, age: 100 - 10 * $0) })
            for number in 1...4 { try await grounds.store(number) }
            _ = try await grounds.psql(
                """
                INSERT INTO whatsapp_handler.outbound_messages (in_reply_to, sender, recipient, body, state, updated_at)
                SELECT reply.sid, 'service', 's', 'hello', reply.state, now() - reply.age
                  FROM (VALUES
                    ('\(sid(1))', 'sent', interval '0'), ('\(sid(2))', 'sending', interval '0'),
                    ('\(sid(3))', 'unknown', interval '1 minute'), ('\(sid(4))', 'unknown', interval '2 hours')
                  ) AS reply (sid, state, age)
                """)
            let summary = try await grounds.round().run(grounds.plan, PushedMessages())
            #expect(summary.missing.map(\.message.sid) == [sid(2), sid(3)])
        }
    }

    /// One was refused for its sender's allowance, one waits in its sender's list, of one the queue knows nothing.
    @Test func whatTheQueueRemembersIsNotPushed() async throws {
        try await withGrounds { grounds in
            let now = Timestamp.now
            let listed = (1...3).map { message($0, age: 80 - 10 * $0, now: now) }
            grounds.provider.add(listed)
            var limits = QueueLimits()
            limits.waitingPerSender = 1
            let producer = QueueProducer(redis: grounds.redis, keys: grounds.keys, limits: limits)
            let queue = QueueClient(redis: grounds.redis, waiting: grounds.redis, keys: grounds.keys, limits: limits)
            func envelope(_ index: Int) -> Envelope {
                WebhookForm.envelope(of: listed[index], media: [], sender: listed[index].from.text)
            }
            try await producer.push(envelope(1))
            _ = try await queue.settleAndClaim(shard: 0, [], senders: 1)
            let answer = await withCheckedContinuation { continuation in
                producer.accept(envelope(0)) { continuation.resume(returning: $0) }
            }
            guard case .success(.throttled) = answer else {
                Issue.record("it was not refused: \(answer)")
                return
            }

            let summary = try await grounds.round().run(grounds.plan, PushedMessages())
            #expect(summary.missing.map(\.message.sid) == [sid(3)] && summary.pushed == 1)
            #expect(summary.waiting == 1)
            // The refused one is done with: what holds the watermark back is the one that waits.
            #expect(summary.oldestOpen == summary.newest.map { $0 - .seconds(10) })
        }
    }

    @Test func aDryRunPushesNothing() async throws {
        try await withGrounds { grounds in
            grounds.provider.add(message(1, media: 1), message(2, from: "whatsapp:+447700900999"))
            let summary = try await grounds.round(dry: true).run(grounds.plan, PushedMessages())
            #expect(summary.missing.count == 2 && summary.pushed == 0)
            let one = try await grounds.round(dry: true).run(
                grounds.plan, PushedMessages(), only: ["whatsapp:+447700900999"])
            #expect(one.missing.map(\.message.sid) == [sid(2)])
            let pushed = try await grounds.pushed()
            #expect(pushed.isEmpty)
        }
    }

    @Test func aPhotoComesWithItsAddress() async throws {
        try await withGrounds { grounds in
            grounds.provider.add(message(1, body: "my ticket", media: 1))
            _ = try await grounds.round().run(grounds.plan, PushedMessages())
            let envelope = try #require(try await grounds.pushed().first)
            let inbound = try InboundMessage(FormParameters(webhook: envelope.body))
            #expect(inbound.body == "my ticket" && inbound.media.count == 1)
            #expect(inbound.media.first?.url.hasPrefix(grounds.provider.url) == true)
        }
    }

    /// The list shows a number where the webhook shows a user id: one person, one queue.
    @Test func aPersonWithAUserIDKeepsOneQueue() async throws {
        try await withGrounds { grounds in
            _ = try await grounds.psql(
                """
                INSERT INTO whatsapp_handler.users (sender, phone_number, external_user_id) VALUES
                  ('whatsapp:GB.1', '+447700900001', 'whatsapp:GB.1'),
                  ('whatsapp:+447700900002', '+447700900002', NULL),
                  ('whatsapp:+447700900009', '+447700900003', NULL),
                  ('whatsapp:GB.4', '+447700900004', 'whatsapp:GB.4'), ('whatsapp:+447700900004', NULL, NULL)
                """)
            for number in 1...5 { grounds.provider.add(message(number, from: "whatsapp:+44770090000\(number)")) }
            _ = try await grounds.round().run(grounds.plan, PushedMessages())
            let senders = try await grounds.pushed().map(\.sender)
            #expect(
                senders == [
                    "whatsapp:GB.1", "whatsapp:+447700900002", "whatsapp:+447700900003", "whatsapp:+447700900004",
                    "whatsapp:+447700900005",
                ])
        }
    }

    /// More than fits in memory: the oldest are pushed, then the list is read again.
    @Test func tooManyAtOnceAreTakenInPartsInOrder() async throws {
        var limits = BackfillLimits.quick
        limits.batch = 3
        limits.pageSize = 2
        try await withGrounds(limits) { grounds in
            grounds.provider.add((1...10).map { message($0, age: 200 - 10 * $0) })
            let summary = try await grounds.round().run(grounds.plan, PushedMessages())
            let pushed = try await grounds.pushed()
            #expect(pushed.map(\.messageSID) == (1...10).map { sid($0).text })
            #expect(summary.pushed == 10)
        }
    }

    @Test func aQueueThatTakesNothingFailsTheRound() async throws {
        try await withGrounds { grounds in
            grounds.provider.add(message(1))
            try await grounds.redisServer.kill()
            let memory = PushedMessages()
            await #expect(throws: BackfillError.self) { try await grounds.round().run(grounds.plan, memory) }
            #expect(!memory.contains(sid(1)))
            try await grounds.redisServer.start()
            try await grounds.redis.ready(within: .seconds(10))
            let summary = try await grounds.round().run(grounds.plan, memory)
            #expect(summary.pushed == 1)
        }
    }

    @Test func errorsHoldNoNumber() {
        let errors: [BackfillError] = [
            .refused(status: 401), .refused(status: 404), .refused(status: 400), .unavailable("x"), .unreadable,
            .foreignPage, .tooManyPages(3), .outOfTime(.seconds(3)), .leaseLost,
        ]
        for error in errors { #expect(!"\(error)".isEmpty && !"\(error)".contains("+44")) }
    }
}
