import Common
import Glibc
import TestSupport
import Testing

@testable import Relay

/// The built relay with a webhook that behaves in every way, beside a stream that does not mind.
@Suite struct WebhookProcessTests {
    /// In order of commits for each person, each at least once, all with the ids of the log.
    @Test(.timeLimit(.minutes(2)), arguments: [UInt64(1), 2])
    func whateverTheWebhookDoesItGetsAllInOrder(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let moods: [WebhookReceiver.Answer] = [
            .status(200), .status(202, body: "thanks"), .endless, .close,
            .status(302, headers: ["Location: /elsewhere"]),
            .status(503), .status(429, headers: ["Retry-After: 0"]),
        ].shuffled(using: &random)
        try await withRelayFixture { fixture in
            try await withWebhookReceiver { receiver in
                try await fixture.withWebhookRelay(to: receiver) { _ in
                    let users = (0..<6).map { _ in UUID.timeOrdered() }
                    for mood in moods {
                        let seen = receiver.deliveries.count
                        receiver.answer { _ in mood }
                        try await fixture.append(10, users: users)
                        try await until("it was called, seed \(seed)") { receiver.deliveries.count > seen }
                        // The stream goes on whatever the webhook does.
                        try await fixture.untilAllIsPublished()
                    }
                    receiver.answer { _ in .status(204) }
                    try await until("it has all, seed \(seed)", within: .seconds(60)) {
                        try await fixture.webhookBacklog() == 0
                    }
                }
                #expect(receiver.deliveries.allSatisfy { $0.path == "/hook" }, "no redirect is followed")
                #expect(receiver.overlaps == [], "seed \(seed)")
                try await expectWholeOrder(fixture, receiver, "seed \(seed)")
                let orders = try await fixture.shardOrders()
                #expect(orders.stream == orders.log)
            }
        }
    }

    /// Silence, then nobody at all: the stream goes on; then it is back and gets everything.
    @Test(.timeLimit(.minutes(2))) func aDeadWebhookHarmsNothing() async throws {
        try await withRelayFixture { fixture in
            try await withWebhookReceiver { receiver in
                try await fixture.withWebhookRelay(to: receiver) { relay in
                    receiver.answer { _ in .hang }
                    for _ in 0..<5 {
                        try await fixture.append(20)
                        try await fixture.untilAllIsPublished()
                    }
                    try await until("it was called") { !receiver.deliveries.isEmpty }
                    #expect(try await fixture.webhookBacklog() == 100)
                    // Told to stop, the relay does not wait for the answer for ever.
                    await relay.process.send(SIGTERM)
                    #expect(try await relay.process.end(within: .seconds(30)) == .exit(0))
                    receiver.answer { _ in .status(200) }
                    try await relay.process.start()
                    try await until("it has all", within: .seconds(40)) { try await fixture.webhookBacklog() == 0 }
                }
                try await expectWholeOrder(fixture, receiver, "after the silence")
            }
        }
    }

    /// A person whose event is refused waits; others do not; the event comes again with the same id.
    @Test(.timeLimit(.minutes(2))) func aRefusedEventIsParkedWithWhatFollowsIt() async throws {
        try await withRelayFixture { fixture in
            try await withWebhookReceiver { receiver in
                let (unlucky, lucky) = (UUID.timeOrdered(), UUID.timeOrdered())
                receiver.answer { member($0, "subject") == unlucky.description ? .status(500) : .status(200) }
                try await fixture.withWebhookRelay(to: receiver) { _ in
                    try await fixture.append(3, users: [unlucky])
                    try await fixture.append(3, users: [lucky])
                    try await until("the cursor has passed all") { try await fixture.webhookBacklog() == 0 }
                    let parked = try await states(fixture)
                    #expect(parked == ["retry", "blocked", "blocked"])
                    #expect(delivered(receiver, lucky).count == 3)
                    #expect(Set(delivered(receiver, unlucky)).count == 1)
                    receiver.answer { _ in .status(200) }
                    try await until("what was parked is taken", within: .seconds(40)) {
                        // Should the second refusal have come already, the next try would be in five minutes.
                        _ = try await fixture.database.unit(
                            "UPDATE outbox_parked SET next_attempt_at = now() WHERE state = 'retry'")
                        return try await states(fixture).isEmpty
                    }
                    // And the person's later events go straight again.
                    try await fixture.append(1, users: [unlucky])
                    try await until("the next one is taken") { Set(delivered(receiver, unlucky)).count == 4 }
                }
                try await expectWholeOrder(fixture, receiver, "after the refusal")
            }
        }
    }

    /// Nothing is posted before the time is over.
    @Test(.timeLimit(.minutes(2))) func whoAsksForTimeIsGivenIt() async throws {
        try await withRelayFixture { fixture in
            try await withWebhookReceiver { receiver in
                receiver.answer { _ in .status(429, headers: ["Retry-After: 3"]) }
                try await fixture.append(1)
                try await fixture.withWebhookRelay(to: receiver) { relay in
                    try await until("it was called") { !receiver.deliveries.isEmpty }
                    receiver.answer { _ in .status(200) }
                    try await fixture.append(20)
                    try await until("it has all") { try await fixture.webhookBacklog() == 0 }
                    let client = HTTPClient(reactor: fixture.reactor)
                    let metrics = await relay.page("/metrics", client)?.body ?? ""
                    for status in ["2xx", "4xx"] {
                        #expect(metrics.contains(#"whatsapp_outbox_webhook_seconds_count{status="\#(status)"}"#))
                    }
                    await client.close()
                }
                let calls = receiver.deliveries
                let first = try #require(calls.first)
                #expect(calls.dropFirst().allSatisfy { $0.at - first.at >= .milliseconds(2950) })
                try await expectWholeOrder(fixture, receiver, "after the pause")
            }
        }
    }

    /// 410: nobody calls again, after a restart neither, until someone decides.
    @Test(.timeLimit(.minutes(2))) func goneMeansUntilSomeoneDecides() async throws {
        try await withRelayFixture { fixture in
            try await withWebhookReceiver { receiver in
                receiver.answer { _ in .status(410) }
                try await fixture.withWebhookRelay(to: receiver) { relay in
                    try await fixture.append(1)
                    try await until("it is switched off") { try await isDisabled(fixture) }
                    let calls = receiver.deliveries.count
                    receiver.answer { _ in .status(200) }
                    try await relay.process.stop(SIGTERM)
                    try await relay.process.start()
                    try await fixture.append(20)
                    try await fixture.untilAllIsPublished()
                    let client = HTTPClient(reactor: fixture.reactor)
                    // Several turns of the webhook's drain, which lie within its measurement.
                    try await until("the relay says so") {
                        await relay.page("/ready", client).map {
                            $0.status == 503 && $0.body.contains("outbox_webhook")
                        }
                            ?? false
                    }
                    await client.close()
                    #expect(receiver.deliveries.count == calls)
                    _ = try await fixture.database.unit("UPDATE outbox_sinks SET disabled_at = NULL")
                    try await until("it has all", within: .seconds(30)) { try await fixture.webhookBacklog() == 0 }
                }
                try await expectWholeOrder(fixture, receiver, "after 410")
            }
        }
    }

    /// Killed at any moment it repeats events, with their ids, and leaves none out.
    @Test(.timeLimit(.minutes(2))) func aRelayThatIsKilledRepeatsWithTheSameIDs() async throws {
        try await withRelayFixture { fixture in
            try await withWebhookReceiver(pause: .milliseconds(3)) { receiver in
                try await fixture.withWebhookRelay(to: receiver, lease: 1) { relay in
                    try await fixture.underLoad {
                        for _ in 0..<4 {
                            let seen = receiver.deliveries.count
                            try await until("events are posted") { receiver.deliveries.count > seen + 5 }
                            try await relay.process.stop(SIGKILL)
                            try await relay.process.start()
                        }
                    }
                    try await until("it has all", within: .seconds(60)) { try await fixture.webhookBacklog() == 0 }
                }
                try await expectWholeOrder(fixture, receiver, "after the kills")
            }
        }
    }

    /// Neither http nor an address of this machine, and nothing of the address in any line.
    @Test(.timeLimit(.minutes(2))) func productionCallsNobodyOfThisMachine() async throws {
        try await withRelayFixture { fixture in
            try await withWebhookReceiver { receiver in
                let production = ["APP_ENV": "production"]
                let plain = RelayFixture.webhookVariables(receiver.url).merging(production) { $1 }
                try await fixture.withRelays(1, lease: 15, variables: plain) { relays in
                    try await relays[0].process.start()
                    #expect(try await relays[0].process.end() == .exit(1))
                    #expect(relays[0].output.contains("RELAY_WEBHOOK_URL"))
                }
                let url = "https://user:hunter2@localhost:\(receiver.port)/secret-path"
                let secure = RelayFixture.webhookVariables(url).merging(production) { $1 }
                try await fixture.withRelays(1, lease: 15, variables: secure) { relays in
                    try await relays[0].process.start()
                    try await fixture.append(3)
                    try await fixture.untilAllIsPublished()
                    try await until("it says why") { relays[0].output.contains("its address is private") }
                    for secret in ["hunter2", "secret-path", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
                        #expect(!relays[0].output.contains(secret))
                    }
                }
                #expect(receiver.deliveries.isEmpty)
            }
        }
    }

    /// Every event of the log was posted, and of each person's the first deliveries came in the order of commits.
    private func expectWholeOrder(
        _ fixture: RelayFixture, _ receiver: WebhookReceiver, _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        var log: [String: [String]] = [:]
        let rows = try await fixture.database.unit("SELECT ordering_key, id::text FROM outbox_events ORDER BY sequence")
        for row in rows.rows { log[try row.column(0), default: []].append(try row.column(1)) }
        var posted: [String: [String]] = [:]
        var seen: Set<String> = []
        for delivery in receiver.deliveries where seen.insert(delivery.id).inserted {
            posted[member(delivery, "subject"), default: []].append(delivery.id)
        }
        #expect(posted == log, "\(what)", sourceLocation: sourceLocation)
    }

    private func delivered(_ receiver: WebhookReceiver, _ user: UUID) -> [String] {
        receiver.deliveries.filter { member($0, "subject") == user.description }.map(\.id)
    }

    private func states(_ fixture: RelayFixture) async throws -> [String] {
        try await fixture.database.unit("SELECT state FROM outbox_parked WHERE sink = 'webhook' ORDER BY sequence").rows
            .map { try $0.column(0) }
    }

    private func isDisabled(_ fixture: RelayFixture) async throws -> Bool {
        try await fixture.database.unit(
            "SELECT count(*) FROM outbox_sinks WHERE sink = 'webhook' AND disabled_at IS NOT NULL"
        ).rows[0].column(0, as: Int.self) == 1
    }
}
