import Common
import TestSupport

extension RelayScenario {
    /// With a second sink.
    static let withWebhook = [poison, deadWebhook, partitionsHeld]

    static let poison = RelayScenario(
        name: "one event in \(RelayExtent.poison) refused by the webhook", sinks: ["redis", "webhook"],
        prepare: { $0.receiver.become(.poisoned(oneIn: RelayExtent.poison)) },
        strike: { _, _ in try await Task.sleep(for: RelayExtent.faults) },
        heal: { fleet in
            // Until the last of them is refused, everybody else's events have to be there.
            let pending = """
                SELECT count(*) FROM outbox_events e JOIN outbox_cursors c ON c.shard = e.shard AND c.sink = 'webhook'
                 WHERE e.sequence > c.last_sequence
                """
            try await until("the webhook's cursors stand at the end", within: RelayExtent.patience) {
                try await fleet.number(pending) == 0
            }
            let parked = try await fleet.number("SELECT count(*) FROM outbox_parked WHERE sink = 'webhook'")
            let all = try await fleet.number("SELECT count(*) FROM outbox_events")
            guard fleet.receiver.refused.isEmpty == (parked == 0), fleet.receiver.count + parked == all else {
                throw HarnessError("\(all) events, \(fleet.receiver.count) taken, \(parked) parked")
            }
            fleet.receiver.become(.taking)
            let code = try await fleet.operate("outbox retry --sink webhook --all --yes")
            guard code == 0 else { throw HarnessError("retry ended with \(code)") }
        },
        judge: { fleet, ledger in
            if fleet.receiver.refused.isEmpty { ledger.remarks.append("nothing was refused") }
        }, strikesOnce: true)

    static let deadWebhook = RelayScenario(
        name: "a dead webhook beside a live stream", sinks: ["redis", "webhook"],
        prepare: { $0.receiver.become(.dead) },
        strike: { fleet, _ in
            try await Task.sleep(for: RelayExtent.faults)
            fleet.writers.pauseWriting(true)
            try await fleet.writers.untilIdle()
            // The stream has all of it while the webhook has nothing.
            try await fleet.drain("redis", within: RelayExtent.patience)
            let taken = fleet.receiver.count
            let streamed = try await fleet.product.redisCommand("XLEN", "whatsapp_handler.events").int
            guard taken == 0, streamed == (try await fleet.number("SELECT count(*) FROM outbox_events")) else {
                throw HarnessError("\(taken) at the webhook, \(streamed ?? 0) in the stream")
            }
        }, heal: { $0.receiver.become(.taking) }, strikesOnce: true)

    /// Days of long ago, with events that one sink has had and the other has not.
    static let partitionsHeld = RelayScenario(
        name: "old partitions while one sink lags", sinks: ["redis", "webhook"], becomesReady: false,
        prepare: { fleet in
            fleet.receiver.become(.dead)
            for day in [10, 9] {
                try await fleet.sql(
                    """
                    DO $$ DECLARE d date := (now() AT TIME ZONE 'UTC')::date - \(day); BEGIN
                      EXECUTE format('CREATE TABLE outbox_events_%s PARTITION OF outbox_events FOR VALUES FROM (%L) TO (%L)',
                        to_char(d, 'YYYYMMDD'), d || ' 00:00:00+00', (d + 1) || ' 00:00:00+00');
                      INSERT INTO outbox_events (id, shard, ordering_key, aggregate_type, aggregate_id, event_type, payload,
                                                 correlation_id, occurred_at)
                      SELECT gen_random_uuid(), \(OutboxShard.of("old")), 'old', 'user', gen_random_uuid(), 'user.opted_in',
                             '{}', 'c', d::timestamp AT TIME ZONE 'UTC' + n * interval '1 second'
                        FROM generate_series(1, 150) n;
                    END $$
                    """)
            }
        },
        strike: { fleet, _ in
            let actions = try await fleet.sql("SELECT action FROM outbox_maintain()").map { $0[0] }
            guard actions.count(where: { $0.hasPrefix("held") }) == 2, !actions.contains("dropped") else {
                throw HarnessError("a partition that a sink has not passed: \(actions)")
            }
            try await Task.sleep(for: .milliseconds(200))
        }, heal: { $0.receiver.become(.taking) },
        judge: { fleet, ledger in
            let actions = try await fleet.sql("SELECT action FROM outbox_maintain()").map { $0[0] }
            if actions.count(where: { $0 == "dropped" }) != 2 {
                ledger.remarks.append("two partitions should go: \(actions)")
            }
        })
}
