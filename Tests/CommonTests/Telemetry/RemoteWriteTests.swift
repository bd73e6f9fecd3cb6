import Common
import CoreMetrics
import Glibc
import Logging
import TestSupport
import Testing

/// Remote write: bytes against the specifications' examples, series against a real Prometheus.
@Suite struct RemoteWriteTests {
    /// From https://protobuf.dev/programming-guides/encoding/ where it has an example.
    @Test func fieldsAreEncodedAsSpecified() {
        func bytes(_ write: (inout ProtobufMessage) -> Void) -> [UInt8] {
            var message = ProtobufMessage()
            write(&message)
            return message.bytes
        }
        #expect(bytes { $0.int64(1, 150) } == [0x08, 0x96, 0x01])
        #expect(bytes { $0.int64(2, 0) } == [0x10, 0x00])
        #expect(bytes { $0.int64(1, -2) } == [0x08, 0xFE] + [UInt8](repeating: 0xFF, count: 8) + [0x01])
        #expect(bytes { $0.int64(16, 1) } == [0x80, 0x01, 0x01])
        #expect(bytes { $0.string(2, "testing") } == [0x12, 0x07] + Array("testing".utf8))
        #expect(bytes { $0.string(2, "é") } == [0x12, 0x02, 0xC3, 0xA9])
        #expect(bytes { $0.string(1, String(repeating: "x", count: 200)) }.prefix(3) == [0x0A, 0xC8, 0x01])
        #expect(bytes { $0.double(1, 1) } == [0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
        var inner = ProtobufMessage()
        inner.int64(1, 150)
        #expect(bytes { $0.message(3, inner) } == [0x1A, 0x03, 0x08, 0x96, 0x01])
    }

    /// A `TimeSeries`, byte by byte: labels sorted, none empty, none twice, the series' own before the common ones.
    @Test func aSeriesHasItsLabelsInOrder() {
        var sink = RemoteWriteSeries(
            common: [("job", "j"), ("own", "common"), ("z", "")], time: Timestamp(microseconds: 5_000_999))
        sink.sample("m", SeriesLabels([("zz", "2"), ("own", "1"), ("none", "")]), extra: ("le", "+Inf"), 1)
        func label(_ name: String, _ value: String) -> [UInt8] {
            let pair =
                [0x0A, UInt8(name.utf8.count)] + Array(name.utf8) + [0x12, UInt8(value.utf8.count)] + Array(value.utf8)
            return [0x0A, UInt8(pair.count)] + pair
        }
        let labels = [("__name__", "m"), ("job", "j"), ("le", "+Inf"), ("own", "1"), ("zz", "2")]
        let sample: [UInt8] = [0x12, 12, 0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x10, 0x88, 0x27]
        #expect(sink.series.map(\.bytes) == [labels.flatMap { label($0.0, $0.1) } + sample])
    }

    /// The format's own preamble, the length, and what it saves on what repeats.
    @Test func snappyIsTheBlockFormat() {
        #expect(Snappy.compressed([]) == [0])
        #expect(Snappy.compressed(Array("abc".utf8)) == [3, 0x08] + Array("abc".utf8))
        let long = Snappy.compressed([UInt8](repeating: 7, count: 100_000))
        #expect(long.prefix(3) == [0xA0, 0x8D, 0x06] && long.count < 6000)
    }

    @Test func theAddressMayHoldAPasswordAndNothingSaysIt() throws {
        func read(_ environment: [String: String]) throws -> RemoteWriteConfiguration? {
            var values = ConfigurationValues(environment: environment)
            let configuration = RemoteWriteConfiguration(reading: &values)
            try values.check()
            return configuration
        }
        #expect(try read([:]) == nil)
        let whole = try read([
            "ALLOY_PUSH_URL": "https://user:hunter2@example.com/api/v1/write", "METRICS_PUSH_INTERVAL": "500",
        ])
        #expect(whole?.interval == .milliseconds(500))
        #expect(!"\(String(describing: whole))".contains("hunter2"))
        for bad in ["hunter2", "ftp://hunter2", "http://hunter2 hunter2"] {
            let error = #expect(throws: ConfigurationProblems.self) { try read(["ALLOY_PUSH_URL": bad]) }
            #expect(error?.description.contains("hunter2") == false)
        }
        #expect(throws: ConfigurationProblems.self) { try read(["METRICS_PUSH_INTERVAL": "0"]) }
    }

    // MARK: A real Prometheus

    /// Pushes a registry until `body` returns, then flushes.
    private func pushing(
        _ registry: PrometheusRegistry, to url: String, labels: [(name: String, value: String)] = [],
        _ body: () async throws -> Void
    ) async throws {
        var values = ConfigurationValues(environment: ["ALLOY_PUSH_URL": url, "METRICS_PUSH_INTERVAL": "200"])
        let configuration = try #require(RemoteWriteConfiguration(reading: &values))
        let reactor = Reactor(name: "push")
        defer { reactor.stop() }
        let pusher = withMetricsFactory(registry) {
            MetricsPusher(
                configuration, registry: registry, labels: labels, reactor: reactor, logger: Logger(label: "test"))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await pusher.run() }
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            pusher.finish()
            try await group.waitForAll()
            try result.get()
        }
    }

    @Test(.timeLimit(.minutes(2))) func prometheusHasTheSeriesOfThePage() async throws {
        try await withPrometheus { prometheus in
            let registry = PrometheusRegistry()
            let odd = "ü \"quoted\" \\ \n new line"
            withMetricsFactory(registry) {
                Counter(label: "test_total", dimensions: [("kind", "a")]).increment(by: 3)
                Counter(label: "test_total", dimensions: [("kind", odd)]).increment(by: 4)
                Meter(label: "test_depth").set(-2.5)
                let timer = Timer(label: "test_seconds", dimensions: [("query", "q")])
                for milliseconds in [3, 30, 300] { timer.recordMilliseconds(milliseconds) }
            }
            let labels = [(name: "job", value: "whatsapp-handler"), (name: "instance", value: "here:1")]
            try await pushing(registry, to: prometheus.writeURL, labels: labels) {
                try await until("the series are there") { try await prometheus.query("test_depth").count == 1 }
                let depth = try await prometheus.query("test_depth")
                #expect(depth.first?.value == -2.5)
                #expect(
                    depth.first?.labels == ["__name__": "test_depth", "job": "whatsapp-handler", "instance": "here:1"])
                #expect(try await prometheus.query(#"test_total{kind="a"}"#).map(\.value) == [3])
                #expect(try await prometheus.query("test_total").contains { $0.labels["kind"] == odd && $0.value == 4 })
                #expect(try await prometheus.query(#"test_seconds_count{query="q"}"#).map(\.value) == [3])
                let sum = try await prometheus.query("test_seconds_sum").map(\.value)
                #expect(sum.count == 1 && abs(sum[0] - 0.333) < 1e-9)
                let buckets = try await prometheus.query(#"test_seconds_bucket{le=~"0.005|0.05|\\+Inf"}"#)
                #expect(
                    Dictionary(buckets.map { ($0.labels["le"], $0.value) }) { $1 } == [
                        "0.005": 1, "0.05": 2, "+Inf": 3,
                    ])
                let median = try await prometheus.query("histogram_quantile(0.5, test_seconds_bucket)").map(\.value)
                #expect(median.count == 1 && median[0] > 0.025 && median[0] <= 0.05)
                #expect(try await prometheus.query("process_resident_memory_bytes").count == 1)

                withMetricsFactory(registry) {
                    Counter(label: "test_total", dimensions: [("kind", "a")]).increment(by: 5)
                }
                try await until("the new value is there") {
                    try await prometheus.query(#"test_total{kind="a"}"#).map(\.value) == [8]
                }
                // Every series of the page, and nothing else, is in Prometheus.
                let onPage = registry.render().split(separator: "\n").count { !$0.hasPrefix("#") }
                #expect(
                    try await prometheus.query(#"count({job="whatsapp-handler"})"#).map(\.value) == [Double(onPage)])
            }
            // The last values are kept, and the series end with the process.
            #expect(try await prometheus.query("test_depth") == [])
            #expect(try await prometheus.query("test_depth[10m]").map(\.value) == [-2.5])
        }
    }

    /// While it is away snapshots wait, and come in the order of their times.
    @Test(.timeLimit(.minutes(2))) func whatPrometheusMissedComesLater() async throws {
        try await withPrometheus { prometheus in
            let registry = PrometheusRegistry()
            let meter = withMetricsFactory(registry) { Meter(label: "test_depth") }
            meter.set(1)
            try await pushing(registry, to: prometheus.writeURL) {
                try await until("it is there") { try await prometheus.query("test_depth").count == 1 }
                try await prometheus.process.stop(SIGTERM)
                meter.set(2)
                try await until("a push has failed or waits") {
                    registry.render().contains("whatsapp_push_total{result=\"sent\",target=\"metrics\"}")
                }
                try await prometheus.start()
                try await until("the new value is there") {
                    try await prometheus.query("test_depth").map(\.value) == [2]
                }
            }
            #expect(!registry.render().contains("result=\"failed\",target=\"metrics\"} 1"))
        }
    }
}
