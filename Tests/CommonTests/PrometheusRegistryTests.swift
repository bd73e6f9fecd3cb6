import Common
import CoreMetrics
import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

@Suite struct PrometheusRegistryTests {
    private let registry = PrometheusRegistry()

    /// The page without what it says of the process itself.
    private var page: String {
        let lines = registry.render().split(separator: "\n")
        return lines.filter { !$0.contains("process_") && !$0.contains("series_dropped") }.joined(separator: "\n")
    }

    @Test func countersGaugesAndHistograms() {
        withMetricsFactory(registry) {
            for status in ["200", "403", "200"] {
                Counter(label: "whatsapp_replies_total", dimensions: [("result", status)]).increment()
            }
            Meter(label: "whatsapp_outbox_pending").set(7)
            Meter(label: "whatsapp_outbox_pending").decrement(by: 0.5)
            let timer = Timer(label: "test_seconds")
            timer.recordMilliseconds(4)
            timer.recordMilliseconds(5)
            timer.recordSeconds(60)
        }
        #expect(
            page == """
                # TYPE test_seconds histogram
                test_seconds_bucket{le="0.005"} 2
                test_seconds_bucket{le="0.01"} 2
                test_seconds_bucket{le="0.025"} 2
                test_seconds_bucket{le="0.05"} 2
                test_seconds_bucket{le="0.1"} 2
                test_seconds_bucket{le="0.25"} 2
                test_seconds_bucket{le="0.5"} 2
                test_seconds_bucket{le="1"} 2
                test_seconds_bucket{le="2.5"} 2
                test_seconds_bucket{le="5"} 2
                test_seconds_bucket{le="10"} 2
                test_seconds_bucket{le="+Inf"} 3
                test_seconds_sum 60.009
                test_seconds_count 3
                # HELP whatsapp_outbox_pending Events that the sink furthest behind has not been given yet.
                # TYPE whatsapp_outbox_pending gauge
                whatsapp_outbox_pending 6.5
                # HELP whatsapp_replies_total Replies handed to Twilio, by {result}.
                # TYPE whatsapp_replies_total counter
                whatsapp_replies_total{result="200"} 2
                whatsapp_replies_total{result="403"} 1
                """)
    }

    @Test func labelValuesAreEscapedAndNamesCleaned() {
        withMetricsFactory(registry) {
            Counter(label: "a.b-c", dimensions: [("k.k", "q\"b\\n\nü")]).increment()
        }
        #expect(page == "# TYPE a_b_c counter\na_b_c{k_k=\"q\\\"b\\\\n\\nü\"} 1")
    }

    @Test func theOrderOfLabelsDoesNotMatter() {
        withMetricsFactory(registry) {
            Counter(label: "c", dimensions: [("a", "1"), ("b", "2")]).increment()
            Counter(label: "c", dimensions: [("b", "2"), ("a", "1")]).increment()
        }
        #expect(page.hasSuffix("c{a=\"1\",b=\"2\"} 2"))
    }

    @Test func seriesAreLimitedAndNamesKeepTheirKind() {
        withMetricsFactory(registry) {
            for number in 0..<1500 { Counter(label: "c", dimensions: [("n", "\(number)")]).increment() }
            Meter(label: "c").set(1)
        }
        #expect(page.split(separator: "\n").count == 1001)
        #expect(registry.render().contains("whatsapp_metrics_series_dropped_total 501\n"))
    }

    @Test func nothingIsLostUnderContention() async {
        let registry = registry
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    withMetricsFactory(registry) {
                        let (counter, meter, timer) = (Counter(label: "c"), Meter(label: "m"), Timer(label: "t"))
                        for _ in 0..<2000 {
                            counter.increment()
                            meter.increment()
                            timer.recordSeconds(1)
                        }
                    }
                }
            }
        }
        let page = page
        for line in ["c 16000", "m 16000", "t_count 16000", "t_sum 16000"] {
            #expect(page.split(separator: "\n").contains { $0 == line }, "\(line)")
        }
    }

    @Test func theProcessIsDescribed() throws {
        let page = registry.render()
        func value(_ name: String) throws -> Double {
            let line = try #require(page.split(separator: "\n").first { $0.hasPrefix(name + " ") })
            return try #require(Double(line.split(separator: " ")[1]))
        }
        #expect(try value("process_resident_memory_bytes") > 1e6)
        #expect(try value("process_virtual_memory_bytes") >= value("process_resident_memory_bytes"))
        #expect(try value("process_cpu_seconds_total") >= 0)
        #expect(try value("process_open_fds") >= 3)
        #expect(try value("process_max_fds") >= value("process_open_fds"))
        let age = Double(Timestamp.now.seconds) - (try value("process_start_time_seconds"))
        #expect((-2...3600).contains(age))
    }

    /// The grammar of the text format, line by line, and, where it is installed, Prometheus' own judgement.
    @Test func aPageWithEveryMetricIsValid() async throws {
        withMetricsFactory(registry) {
            for name in MetricName.allCases where name != .seriesDropped {
                if name.rawValue.hasSuffix("_total") {
                    Counter(label: name.rawValue, dimensions: [("kind", "a\"\\\nb")]).increment()
                } else if name.rawValue.hasSuffix("_seconds"), name != .outboxLag {
                    Timer(label: name.rawValue, dimensions: [("kind", "x")]).recordMilliseconds(3)
                } else {
                    Meter(label: name.rawValue).set(0.000_01)
                }
            }
        }
        let page = registry.render()
        for name in MetricName.allCases { #expect(page.contains("# HELP \(name.rawValue) \(name.help)\n")) }
        #expect(page.hasSuffix("\n"))
        var kinds: [String: Substring] = [:]
        for line in page.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if let match = line.wholeMatch(of: /# TYPE ([a-z_]+) (counter|gauge|histogram)/) {
                #expect(kinds.updateValue(match.2, forKey: String(match.1)) == nil, "family twice: \(line)")
            } else if line.wholeMatch(of: /# HELP [a-z_]+ .+/) == nil {
                let sample =
                    /([a-z_]+?)(_bucket|_sum|_count)?(\{([a-z_]+="([^"\\\n]|\\["\\n])*",?)+\})? (\+Inf|[0-9.e+-]+)/
                let match = try #require(line.wholeMatch(of: sample), "not a sample: \(line)")
                let name = String(match.1) + (match.2 ?? "")
                #expect(kinds[name] != nil || kinds[String(match.1)] == "histogram", "no TYPE before: \(line)")
            }
        }
        guard access("/usr/bin/promtool", X_OK) == 0 else { return }
        let verdict = try await run(
            .path("/usr/bin/promtool"), arguments: ["check", "metrics"], input: .string(page),
            output: .string(limit: 100_000), error: .string(limit: 100_000))
        #expect(verdict.terminationStatus.isSuccess, "\(verdict.standardError)")
    }
}
