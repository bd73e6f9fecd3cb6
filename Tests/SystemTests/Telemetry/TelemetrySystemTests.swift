import Common
import Glibc
import NIOHTTP1
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// What the three built processes tell about themselves, as those who collect it take it.
@Suite(.serialized) struct TelemetrySystemTests {
    private static let programs: [Product.Program] = [.ingest, .worker, .relay]

    /// Prometheus' own judgement of names, units, kinds and help texts, once every page has its series.
    @Test(.timeLimit(.minutes(3))) func prometheusFindsNothingWrongWithThePages() async throws {
        try await withErasureGround { ground in
            try await ground.live(try await ground.phone("Zebedee Quillfeather", "+447700900877"), word: "marzipan")
            for program in Self.programs {
                let page = try await page(program, ground.product)
                let verdict = try await run(
                    .path("/usr/bin/promtool"), arguments: ["check", "metrics"], input: .string(page),
                    output: .string(limit: 100_000), error: .string(limit: 100_000))
                #expect(
                    verdict.terminationStatus.isSuccess, "\(program): \(verdict.standardOutput)\(verdict.standardError)"
                )
                #expect(verdict.standardError == "", "\(program)")
                for name in [
                    "resident_memory_bytes", "virtual_memory_bytes", "cpu_seconds_total", "start_time_seconds",
                    "open_fds", "max_fds",
                ] {
                    #expect(page.contains("\nprocess_\(name) "), "\(program) has process_\(name)")
                }
                // Every family of ours says what it means.
                let families = page.split(separator: "\n").compactMap { $0.wholeMatch(of: /# TYPE (whatsapp_\S+) \w+/) }
                #expect(families.count > 5)
                for family in families {
                    #expect(MetricName(rawValue: String(family.1)) != nil, "\(family.1) is in MetricName")
                    #expect(page.contains("# HELP \(family.1) "))
                }
            }
        }
    }

    /// Lines and series of all three arrive, with a message's way through all of them.
    @Test(.timeLimit(.minutes(3))) func logsAndMetricsOfAllThreeArrive() async throws {
        try await withPrometheus { prometheus in
            try await withWebhookReceiver { receiver in
                let loki = LokiReceiver(receiver)
                receiver.answer { _ in .status(204) }
                let variables = [
                    "LOKI_ENABLED": "true", "LOKI_HOST": loki.host, "LOKI_BASIC_AUTH": "user:hunter2-hunter2",
                    "ALLOY_PUSH_URL": prometheus.writeURL, "METRICS_PUSH_INTERVAL": "500",
                ]
                try await withProduct { product in
                    let simulator = try await product.start(.simulator)
                    var processes: [ServerProcess] = []
                    for program in Self.programs { processes.append(try await product.start(program, variables)) }
                    try await product.say(
                        "hello there, my train was late", sid: "SM" + String(repeating: "1", count: 32),
                        from: "+447700900123")
                    try await until("the series have arrived") {
                        try await prometheus.query(#"whatsapp_messages_processed_total{outcome="committed"} > 0"#).count
                            == 1
                    }
                    try await expectSeries(prometheus)
                    for process in processes.reversed() {
                        await process.send(SIGTERM)
                        #expect(try await process.end() == .exit(0))
                    }
                    try await simulator.stop(SIGTERM)
                    try expectLines(loki, product)
                    // The processes are gone, and so are their series; what was is kept.
                    #expect(try await prometheus.query("whatsapp_build_info") == [])
                    #expect(try await prometheus.query("whatsapp_build_info[10m]").count == 3)
                }
            }
        }
    }

    private func expectSeries(_ prometheus: PrometheusServer) async throws {
        try await until("all three have pushed") { try await prometheus.query("whatsapp_build_info").count == 3 }
        let info = try await prometheus.query("whatsapp_build_info")
        #expect(Set(info.compactMap { $0.labels["process"] }) == ["ingest", "worker", "relay"])
        #expect(info.allSatisfy { $0.labels["job"] == "whatsapp-handler" && $0.labels["environment"] == "test" })
        #expect(Set(info.compactMap { $0.labels["instance"] }).count == 3)
        #expect(try await prometheus.query("process_resident_memory_bytes").count == 3)
        try await until("ingest's histogram has arrived") {
            try await prometheus.query("sum(whatsapp_webhook_duration_seconds_count) > 0").count == 1
        }
        try await until("what was pushed is counted") {
            try await prometheus.query(#"whatsapp_push_total{target="metrics",result="sent"} > 0"#).count == 3
        }
    }

    /// Of each process the same lines as on standard output, from the first to the last.
    private func expectLines(_ loki: LokiReceiver, _ product: Product) throws {
        let lines = try loki.lines()
        for program in Self.programs {
            let mine = lines.filter { $0.labels["process"] == program.rawValue }
            let printed = textOfFile(product.log(program)).split(separator: "\n").map(String.init)
            // Two threads may print in one order and push in the other.
            #expect(mine.map(\.text).sorted() == printed.sorted(), "\(program)")
            #expect(mine.contains { $0.message == "starting" } && mine.contains { $0.message == "stopped" })
        }
        #expect(Set(lines.compactMap { $0.labels["environment"] }) == ["test"])
    }

    private func page(_ program: Product.Program, _ product: Product) async throws -> String {
        try await product.http.send(HTTPRequest(.GET, product.url(program, "/metrics"))).text
    }
}
