#if Kafka
import CRdkafka
import Common
import TestSupport
import Testing

@testable import Relay

/// The sink against brokers that fail, and what a consumer reads afterwards.
@Suite struct KafkaSinkTests {
    private let log = UUID.random()
    private let topic = "user.verified"

    private func publish(
        _ events: [LoggedEvent], to sink: KafkaSink, for time: Duration = .seconds(20)
    ) async -> SinkReport {
        await sink.publish([KafkaEvents.batch(events)], of: log, within: PublishWindow(time))
    }

    /// Publishes what was not taken until all of it is, as the drain does.
    private func publishAll(_ events: [LoggedEvent], to sink: KafkaSink) async throws {
        try await until("all is taken") { await publish(events, to: sink).answers[0] == .taken(count: events.count) }
    }

    /// Has the producer connected and known to the brokers, so that a busy machine does not fail the first message.
    private func warm(_ sink: KafkaSink) async throws {
        try await publishAll([KafkaEvents.event(1_000_000, key: "warm")], to: sink)
    }

    @Test(.timeLimit(.minutes(1))) func aRecordIsWhatConsumersExpect() async throws {
        try await withKafkaSink(topics: ["stage.user.verified": 4]) {
            $0.topics = .ofType(prefix: "stage.")
        } _: { cluster, sink in
            let (user, key) = (UUID.timeOrdered().description, UUID.timeOrdered().description)
            let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            let event = KafkaEvents.event(
                7, key: user, payload: #"{"user_id":"ü"}"#, aggregateID: key, traceparent: parent)
            try await publishAll([event], to: sink)
            let record = try #require(try await cluster.records(of: "stage.user.verified").first)
            #expect(record.key == key)
            #expect(record.payload == #"{"user_id":"ü"}"#)
            let time = event.occurredAt.rfc3339
            #expect(
                record.headers == [
                    "ce_specversion": "1.0", "ce_id": event.id, "ce_source": "whatsapp-handler", "ce_type": topic,
                    "ce_subject": user, "ce_time": time, "content-type": "application/json", "ce_dataversion": "1",
                    "ce_sequence": "0000000000000000007", "ce_partitionkey": key, "ce_correlationid": "c-7",
                    "ce_causationid": "SM7", "ce_traceparent": parent, "event_id": event.id, "created_at": time,
                    "correlation_id": "c-7", "x-correlation-id": "c-7", "traceparent": parent,
                ])
        }
    }

    @Test(.timeLimit(.minutes(1))) func aKeysEventsAreInOneOrderInOnePartition() async throws {
        var random = SplitMix64(seed: 5)
        let batches = KafkaEvents.batches(count: 450, using: &random)
        try await withKafkaSink { cluster, sink in
            try await warm(sink)
            let report = await sink.publish(batches, of: log, within: PublishWindow(.seconds(20)))
            #expect(report.failure == nil)
            #expect(report.answers.values.allSatisfy { if case .taken = $0 { true } else { false } })
            let all = try await cluster.records(of: topic).filter { $0.key != "warm" }
            let records = Dictionary(grouping: all, by: \.key)
            let expected = Dictionary(grouping: batches.flatMap(\.events), by: \.orderingKey)
            #expect(records.mapValues { $0.map(\.id) } == expected.mapValues { $0.map(\.id) })
            #expect(records.values.allSatisfy { Set($0.map(\.partition)).count == 1 })
        }
    }

    @Test(.timeLimit(.minutes(1))) func brokersThatAreAwayAreWaitedFor() async throws {
        try await withKafkaSink(lease: KafkaConfiguration.shortestLease) { cluster, sink in
            let events = (1...30).map { KafkaEvents.event($0, key: "k\($0 % 3)") }
            cluster.takeDown()
            let report = await publish(events, to: sink)
            #expect(report.answers.isEmpty)
            #expect(report.failure?.code == .unavailable)
            // The reason is the connection, not that a message timed out.
            #expect(report.failure?.description.contains("efused") == true, "\(String(describing: report.failure))")
            cluster.bringUp()
            try await publishAll(events, to: sink)
            let orders = Dictionary(grouping: try await cluster.records(of: topic), by: \.key).mapValues {
                $0.map(\.id)
            }
            #expect(orders == Dictionary(grouping: events, by: \.orderingKey).mapValues { $0.map(\.id) })
        }
    }

    /// One partition, so that what the producer still had of the first would arrive before the marker.
    @Test(.timeLimit(.minutes(1))) func whatWasGivenUpNeverArrivesLater() async throws {
        try await withKafkaSink(topics: [topic: 1], lease: KafkaConfiguration.shortestLease) { cluster, sink in
            try await publishAll([KafkaEvents.event(1, key: "before")], to: sink)
            cluster.setLeader(-1, ofTopic: topic)
            let lost = await publish([KafkaEvents.event(2, key: "k"), KafkaEvents.event(3, key: "k")], to: sink)
            #expect(lost.answers.isEmpty)
            #expect(lost.failure?.code == .unavailable)
            cluster.setLeader(2, ofTopic: topic)
            try await publishAll([KafkaEvents.event(4, key: "marker")], to: sink)
            let keys = try await cluster.records(of: topic).map(\.key)
            #expect(keys == ["before", "marker"])
        }
    }

    /// The broker has them, but says so too late.
    @Test(.timeLimit(.minutes(1))) func answersThatComeTooLateCostRepetitionsAndNoOrder() async throws {
        try await withKafkaSink(lease: KafkaConfiguration.shortestLease) { cluster, sink in
            let events = (1...40).map { KafkaEvents.event($0, key: "k\($0 % 4)") }
            try await publishAll([KafkaEvents.event(100, key: "first")], to: sink)
            cluster.setRoundTrip(.milliseconds(2500))
            let report = await publish(events, to: sink)
            #expect(report.failure?.code == .unavailable)
            cluster.setRoundTrip(.zero)
            try await publishAll(events, to: sink)
            for (key, records) in Dictionary(grouping: try await cluster.records(of: topic), by: \.key) {
                var seen: Set<String> = []
                let order = records.map(\.id).filter { seen.insert($0).inserted }
                if key != "first" { #expect(order == events.filter { $0.orderingKey == key }.map(\.id)) }
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func passingErrorsAreTheLibrarysToRepeat() async throws {
        try await withKafkaSink { cluster, sink in
            cluster.answerProduce(with: [
                RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
            ])
            let events = (1...20).map { KafkaEvents.event($0, key: "k\($0)") }
            try await publishAll(events, to: sink)
            let ids = Set(try await cluster.records(of: topic).map(\.id))
            #expect(ids == Set(events.map(\.id)))
        }
    }

    @Test(.timeLimit(.minutes(1))) func anEventTooLargeIsRefusedAndItsKeyStops() async throws {
        try await withKafkaSink { cluster, sink in
            try await warm(sink)
            let large = #"{"text":""# + String(repeating: "x", count: 1_100_000) + #""}"#
            let events = [
                KafkaEvents.event(1, key: "a"), KafkaEvents.event(2, key: "a", payload: large),
                KafkaEvents.event(3, key: "b"), KafkaEvents.event(4, key: "a"), KafkaEvents.event(5, key: "b"),
            ]
            let report = await publish(events, to: sink)
            guard case .partly(let taken, let refused) = report.answers[0] else {
                Issue.record("answered \(report)")
                return
            }
            #expect(taken == [1, 3, 5])
            #expect(Set(refused.keys) == [2])
            #expect(refused[2]?.description.contains("too large") == true)
            #expect(refused[2]?.isFinal == false)
            #expect(report.failure == nil)
            let count = try await cluster.records(of: topic).count
            #expect(count == 1 + 3)
        }
    }

    /// A broker refuses requests; the innocent in it are not to pay.
    @Test(.timeLimit(.minutes(1))) func whoIsRefusedInCompanyIsTriedAlone() async throws {
        try await withKafkaSink(topics: [topic: 1]) { cluster, sink in
            try await warm(sink)
            cluster.answerProduce(with: [RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE])
            let events = (1...20).map { KafkaEvents.event($0, key: "k\($0)") }
            let report = await publish(events, to: sink)
            #expect(report.answers == [0: .taken(count: 20)])
            #expect(report.failure == nil)
            let count = try await cluster.records(of: topic).count
            #expect(count == 1 + 20)

            cluster.answerProduce(with: [RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_INVALID_RECORD])
            let alone = await publish([KafkaEvents.event(21, key: "k")], to: sink)
            guard case .partly(_, let refused) = alone.answers[0] else {
                Issue.record("answered \(alone)")
                return
            }
            #expect(Set(refused.keys) == [21])
            #expect(alone.failure == nil)
        }
    }

    @Test(.timeLimit(.minutes(1))) func afterAFatalErrorThereIsANewProducer() async throws {
        try await withKafkaSink { cluster, sink in
            let events = (1...10).map { KafkaEvents.event($0, key: "k\($0 % 2)") }
            try await publishAll([KafkaEvents.event(100, key: "k")], to: sink)
            cluster.answerProduce(with: [RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER])
            let report = await publish(events, to: sink)
            #expect(report.failure?.description.contains("sequence") == true, "\(report)")
            cluster.forgetAnswers()
            try await publishAll(events, to: sink)
            let orders = Dictionary(grouping: try await cluster.records(of: topic), by: \.key).mapValues {
                $0.map(\.id)
            }
            for key in ["k0", "k1"] {
                var seen: Set<String> = []
                let order = (orders[key] ?? []).filter { seen.insert($0).inserted }
                #expect(order == events.filter { $0.orderingKey == key }.map(\.id))
            }
        }
    }

    /// It concerns every event of its type: nothing is passed over, and the error says what to do.
    @Test(.timeLimit(.minutes(1))) func aTopicThatIsMissingStopsTheSink() async throws {
        try await withKafkaSink { cluster, sink in
            try await warm(sink)
            cluster.setError(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, ofTopic: "user.locked")
            let event = KafkaEvents.event(1, key: "k", type: "user.locked")
            let report = await publish([event], to: sink)
            #expect(report.answers.isEmpty)
            #expect(report.failure?.description.contains("topic user.locked does not exist") == true, "\(report)")
        }
    }

    @Test(.timeLimit(.minutes(1))) func whatArrivedCountsWhenTheRestFails() async throws {
        try await withKafkaSink(topics: [topic: 1, "user.locked": 1]) { cluster, sink in
            try await warm(sink)
            cluster.setLeader(-1, ofTopic: "user.locked")
            let events = [KafkaEvents.event(1, key: "a", type: "user.locked"), KafkaEvents.event(2, key: "b")]
            let report = await publish(events, to: sink)
            #expect(report.answers == [0: .partly(taken: [2], refused: [:])])
            #expect(report.failure?.code == .unavailable)
        }
    }

    @Test(.timeLimit(.minutes(1))) func whoIsCancelledAnswersAtOnce() async throws {
        try await withKafkaSink { cluster, sink in
            cluster.takeDown()
            let report = await withTaskGroup(of: SinkReport.self) { group in
                group.addTask { await publish([KafkaEvents.event(1, key: "k")], to: sink, for: .seconds(60)) }
                group.cancelAll()
                return await group.next()
            }
            #expect(report?.failure?.description.contains("cancelled") == true, "\(String(describing: report))")
            #expect(report?.answers.isEmpty == true)
            // What was under way is gone with its producer.
            cluster.bringUp()
            try await warm(sink)
            let keys = try await cluster.records(of: topic).map(\.key)
            #expect(keys == ["warm"])
        }
    }
}
#endif
