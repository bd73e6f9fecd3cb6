import Common
import CoreMetrics
import TestSupport
import Testing

@testable import Relay

/// What a drain tells of itself: every metric is moved by what happens, and readiness follows.
@Suite struct DrainStatusTests {
    private let registry = PrometheusRegistry()

    private func has(_ lines: String...) -> Bool {
        let page = Set(registry.render().split(separator: "\n").map(String.init))
        return lines.allSatisfy { page.contains($0) }
    }

    private func value(_ series: String) -> Double? {
        registry.render().split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    @Test func everyMetricIsMoved() async throws {
        let status = withMetricsFactory(registry) { DrainStatus(sink: "webhook", lagLimit: .seconds(1)) }
        try await withRelayFixture { fixture in
            let (bad, good) = (UUID.timeOrdered(), UUID.timeOrdered())
            let sink = ScriptedSink()
            sink.answer { $0.orderingKey == bad.description ? .refuse(ParkingTests.refusal) : .take }
            try await fixture.withDrain(of: sink, named: "webhook", lease: .seconds(3), status: status) { drain in
                try await fixture.append(6, users: [bad, good])
                try await until("what was published and parked is counted") {
                    has(
                        #"whatsapp_outbox_published_total{sink="webhook",type="user.opted_in"} 3"#,
                        #"whatsapp_outbox_parked{sink="webhook",state="retry"} 1"#,
                        #"whatsapp_outbox_parked{sink="webhook",state="blocked"} 2"#,
                        #"whatsapp_outbox_parked{sink="webhook",state="dead"} 0"#,
                        #"whatsapp_outbox_breaker_state{sink="webhook"} 0"#,
                        #"whatsapp_outbox_full_shards{sink="webhook"} 0"#,
                        #"whatsapp_outbox_sink_pending{sink="webhook"} 0"#, "whatsapp_outbox_pending 0",
                        #"whatsapp_outbox_sink_lag_seconds{sink="webhook"} 0"#, "whatsapp_outbox_lag_seconds 0")
                }
                try await until("a relay with parked events is ready") { status.isHealthy }

                sink.answer { $0.sequence == 1 ? .refuse(EventRefusal("never", isFinal: true)) : .take }
                try await fixture.makeDue("webhook")
                try await until("the dead are counted, and what waited behind them") {
                    has(
                        #"whatsapp_outbox_parked{sink="webhook",state="dead"} 1"#,
                        #"whatsapp_outbox_parked{sink="webhook",state="blocked"} 0"#,
                        #"whatsapp_outbox_published_total{sink="webhook",type="user.opted_in"} 5"#)
                }

                sink.answer { _ in .fail(SinkError(.unavailable, "away")) }
                try await fixture.append(2, users: [good])
                try await fixture.replay(sink: "webhook", sequences: [2])
                try await until("the sink is seen to lag") {
                    has(
                        #"whatsapp_outbox_sink_pending{sink="webhook"} 2"#, "whatsapp_outbox_pending 2",
                        #"whatsapp_outbox_parked{sink="webhook",state="replay"} 1"#)
                }
                try await until("the breaker is not closed") {
                    (value(#"whatsapp_outbox_breaker_state{sink="webhook"}"#) ?? 0) > 0
                }
                try await until("the lag is past its limit") {
                    (value("whatsapp_outbox_lag_seconds") ?? 0) > 1
                        && (value(#"whatsapp_outbox_sink_lag_seconds{sink="webhook"}"#) ?? 0) > 1 && !status.isHealthy
                }
                sink.answer { _ in .take }
                try await until("all is well again", within: .seconds(40)) {
                    has(#"whatsapp_outbox_breaker_state{sink="webhook"} 0"#, "whatsapp_outbox_pending 0")
                        && status.isHealthy
                }
                _ = drain
            }
        }
        status.full(2)
        #expect(has(#"whatsapp_outbox_full_shards{sink="webhook"} 2"#))
        #expect(!status.isHealthy)
    }

    /// Lag and pending have no label: they tell of the sink that is furthest behind.
    @Test func theWorstSinkIsWhatCountsForAll() {
        withMetricsFactory(registry) {
            let gauges = OutboxGauges()
            gauges.measured("a", lag: .seconds(5), pending: 1)
            gauges.measured("b", lag: .seconds(2), pending: 9)
        }
        #expect(has("whatsapp_outbox_lag_seconds 5", "whatsapp_outbox_pending 9"))
    }

    @Test func readyMeansMeasuredOwnedAndInTime() {
        let status = DrainStatus(sink: "redis", lagLimit: .seconds(10))
        #expect(status.check == "outbox_redis")
        #expect(!status.isHealthy, "nothing was measured")
        status.measured(.init(lag: .zero, pending: 0, unowned: 0))
        #expect(status.isHealthy, "idle is ready")
        status.measured(.init(lag: .seconds(9), pending: 5, unowned: 0, parked: [.dead: 9]))
        #expect(status.isHealthy)
        status.measured(.init(lag: .seconds(10), pending: 5, unowned: 0))
        #expect(!status.isHealthy, "late")
        status.measured(.init(lag: .zero, pending: 0, unowned: 1))
        #expect(!status.isHealthy, "a shard without a relay")
        status.measured(.init(lag: .zero, pending: 0, unowned: 0))
        for change in [status.disabled, status.foundForeignHistory] {
            change(true)
            #expect(!status.isHealthy)
            change(false)
            #expect(status.isHealthy)
        }
    }
}
