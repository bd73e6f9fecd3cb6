#if Kafka
import CRdkafka
import Common
import FoundationEssentials
import Subprocess
import SystemPackage
import TestSupport

@testable import Relay

/// A Kafka cluster of librdkafka's own making, in this process but reached over TCP, whose brokers fail when told to.
///
/// It speaks the protocol and keeps records; it does not check sequence numbers of idempotent producers, so what comes
/// twice is there twice.
///
/// `@unchecked Sendable`: the library's functions for mock clusters may be called from any thread.
final class KafkaCluster: @unchecked Sendable {
    private let client: OpaquePointer
    private let cluster: OpaquePointer
    /// `host:port` of all brokers, separated by commas.
    let brokers: String

    init(brokers count: Int32 = 3) throws {
        let configuration = rd_kafka_conf_new()
        var text = [CChar](repeating: 0, count: 200)
        rd_kafka_conf_set(configuration, "log_level", "0", &text, text.count)
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &text, text.count),
            let cluster = rd_kafka_mock_cluster_new(client, count),
            let addresses = rd_kafka_mock_cluster_bootstraps(cluster)
        else { throw HarnessError("no mock cluster") }
        self.client = client
        self.cluster = cluster
        brokers = String(cString: addresses)
    }

    func end() {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(client)
    }

    func create(topic: String, partitions: Int32 = 4) throws {
        guard rd_kafka_mock_topic_create(cluster, topic, partitions, 3) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw HarnessError("no topic \(topic)")
        }
    }

    /// Closes all connections of a broker, of all when 0, and accepts none.
    func takeDown(_ broker: Int32 = 0) { rd_kafka_mock_broker_set_down(cluster, broker == 0 ? -1 : broker) }
    func bringUp(_ broker: Int32 = 0) { rd_kafka_mock_broker_set_up(cluster, broker == 0 ? -1 : broker) }

    /// How long answers take from now on.
    func setRoundTrip(_ time: Duration) {
        rd_kafka_mock_broker_set_rtt(cluster, -1, Int32(time.wholeMilliseconds))
    }

    /// Gives a partition to another broker; -1 leaves it without a leader.
    func setLeader(_ broker: Int32, ofTopic topic: String, partition: Int32 = 0) {
        rd_kafka_mock_partition_set_leader(cluster, topic, partition, broker)
    }

    /// What metadata says of the topic.
    func setError(_ error: rd_kafka_resp_err_t, ofTopic topic: String) {
        rd_kafka_mock_topic_set_error(cluster, topic, error)
    }

    /// What the next Produce requests are answered with.
    func answerProduce(with errors: [rd_kafka_resp_err_t]) {
        rd_kafka_mock_push_request_errors_array(cluster, 0, errors.count, errors)
    }

    func forgetAnswers() { rd_kafka_mock_clear_request_errors(cluster, 0) }

    /// What a topic has, read by another program (`kcat`), ordered by partition and offset.
    func records(of topic: String) async throws -> [KafkaRecord] {
        let result = try await run(
            .name("kcat"),
            arguments: Arguments(["-b", brokers, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-J"]),
            output: .string(limit: 50_000_000), error: .string(limit: 10_000))
        guard result.terminationStatus.isSuccess else { throw HarnessError("kcat: \(result.standardError)") }
        let lines = result.standardOutput.split(separator: "\n")
        return try lines.map { try KafkaRecord(json: String($0)) }.sorted {
            ($0.partition, $0.offset) < ($1.partition, $1.offset)
        }
    }
}

/// A record as `kcat -J` prints it.
struct KafkaRecord: Sendable {
    let topic: String
    let partition: Int
    let offset: Int
    let key: String
    let payload: String
    let headers: [String: String]

    var id: String { headers["ce_id"] ?? "" }

    /// As Tests/Python/check_events.py reads it.
    var json: String {
        let headers = headers.map { JSONValue.Member($0.key, .string($0.value)) }
        let record: JSONValue = [
            "topic": .string(topic), "key": .string(key), "headers": .object(headers), "value": .string(payload),
        ]
        return record.text
    }

    private struct Line: Decodable {
        let topic: String
        let partition: Int
        let offset: Int
        let key: String
        let payload: String
        let headers: [String]
    }

    init(json: String) throws {
        let line = try JSONDecoder().decode(Line.self, from: Data(json.utf8))
        (topic, partition, offset) = (line.topic, line.partition, line.offset)
        (key, payload) = (line.key, line.payload)
        headers = Dictionary(
            stride(from: 0, to: line.headers.count - 1, by: 2).map { (line.headers[$0], line.headers[$0 + 1]) },
            uniquingKeysWith: { first, _ in first })
    }
}

/// Runs `body` with a cluster and a sink, whose messages have a third of the lease less two seconds to arrive.
func withKafkaSink<R: Sendable>(
    topics: [String: Int32] = ["user.verified": 4], lease: Duration = .seconds(60),
    configure: (inout KafkaConfiguration) -> Void = { _ in },
    _ body: (KafkaCluster, KafkaSink) async throws -> R
) async throws -> R {
    let cluster = try KafkaCluster()
    defer { cluster.end() }
    for (topic, partitions) in topics { try cluster.create(topic: topic, partitions: partitions) }
    let reactor = Reactor(name: "kafka-test")
    defer { reactor.stop() }
    var configuration = KafkaConfiguration(brokers: cluster.brokers)
    configure(&configuration)
    let sink = KafkaSink(
        configuration, source: "whatsapp-handler", lease: lease, reactor: reactor, logger: RelayFixture.logger)
    let result: Result<R, any Error>
    do { result = .success(try await body(cluster, sink)) } catch { result = .failure(error) }
    await sink.close()
    return try result.get()
}
#endif
