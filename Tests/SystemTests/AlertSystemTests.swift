import Common
import Glibc
import TestSupport
import Testing

/// The alert that matters most, from the built processes through a real Prometheus; `make observe` is the long form, at
/// the thresholds that production has.
@Suite struct AlertSystemTests {
    private static let phone = "+447700900123"
    private static let alert = "OldestMessageTooOld"
    /// Of these nothing happens here: no claim, no erasure, no refusal, no other sink, nothing pushed.
    private static let unmoved: [MetricName] = [
        .claims, .erasures, .backpressure, .signatureFailures, .outboxWebhook, .outboxParked, .backfilled, .push,
    ]

    @Test(.timeLimit(.minutes(3)))
    func theOldestMessageRingsWhileNoWorkerRunsAndTheDashboardHasData() async throws {
        try await withProduct { product in
            var processes: [ServerProcess] = []
            for program in [Product.Program.simulator, .ingest, .relay] {
                processes.append(try await product.start(program))
            }
            var worker = try await product.start(.worker)
            let targets = [("ingest", Product.Program.ingest), ("worker", .worker), ("relay", .relay)]
                .map { ($0, product.ports[$1] ?? 0) }
            try await withPrometheus(scraping: targets, rules: try Self.quickRules()) { prometheus in
                try await until("all three are scraped") {
                    try await prometheus.query("sum(up{job=\"whatsapp-handler\"})").first?.value == 3
                }
                try await register(product)
                #expect(try await prometheus.alerts()[Self.alert] == nil)
                try await until("the registration was seen twice") {
                    let seen = "min(count_over_time(whatsapp_otp_total{action=\"verified\"}[1m]))"
                    return try await prometheus.query(seen).first?.value ?? 0 >= 2
                }

                try await worker.stop(SIGTERM)
                try await product.say("status", sid: sid(9), from: Self.phone)
                try await until("the alert rings") { try await prometheus.alerts()[Self.alert] == "firing" }
                let seen = try await prometheus.query("whatsapp_queue_oldest_seconds")
                #expect(seen.map { $0.labels["process"] } == ["ingest"], "\(seen)")

                worker = try await product.start(.worker)
                try await until("the alert has ended") { try await prometheus.alerts()[Self.alert] == nil }
                // A series that begins with 1 has not increased yet: the same once more, after each was seen.
                for number in 5...7 {
                    try await product.say("help", sid: sid(number), from: Self.phone)
                    try await until("it is answered and seen") {
                        let seen = try await prometheus.query("sum(whatsapp_fsm_transitions_total)")
                        return seen.first?.value == Double(number - 3)
                    }
                }
                let summary = try await PythonProgram.checkGrafana(
                    "data", [prometheus.url] + Self.unmoved.map(\.rawValue))
                #expect(summary.hasSuffix("queries"), "\(summary)")
            }
            for process in [worker] + processes.reversed() { try await process.stop(SIGTERM) }
        }
    }

    /// All rules as they are, but for this alert's: 3 s in place of 60, and pending for 1 s in place of 2 minutes.
    private static func quickRules() throws -> [String: String] {
        let names = ["answers", "processes", "queue", "relay", "replies", "webhooks"]
        var rules = Dictionary(
            uniqueKeysWithValues: names.map { name in
                let file = "\(name).rules.yml"
                return (file, textOfFile("\(PythonProgram.root)/deploy/grafana/alerts/\(file)"))
            })
        let parts = (rules["queue.rules.yml"] ?? "").split(
            separator: "max(whatsapp_queue_oldest_seconds) > 60\n", omittingEmptySubsequences: false)
        let rest = parts.last.flatMap { $0.firstRange(of: "for: 2m\n") }
        guard parts.count == 2, let rest else {
            throw HarnessError("the rule of \(alert) is not as this test knows it")
        }
        rules["queue.rules.yml"] =
            "\(parts[0])max(whatsapp_queue_oldest_seconds) > 3\n"
            + "\(parts[1][..<rest.lowerBound])for: 1s\n\(parts[1][rest.upperBound...])"
        return rules
    }

    /// Registers, with one wrong code, so that most series move.
    private func register(_ product: Product) async throws {
        let chat = "whatsapp:" + Self.phone
        for (number, text) in ["hi", "yes"].enumerated() {
            try await product.say(text, sid: sid(number), from: Self.phone)
            try await until("\(text) is answered") { try await product.replies(to: chat).count == number + 1 }
        }
        try await until("the code has come by SMS") { try await product.replies(to: Self.phone).count == 1 }
        let text = try await product.replies(to: Self.phone)[0]
        let code = try #require(text.firstMatch(of: /[0-9]{6}/).map { String($0.0) })
        for (number, text) in [code == "000000" ? "000001" : "000000", code].enumerated() {
            try await product.say(text, sid: sid(2 + number), from: Self.phone)
            try await until("the code is answered") { try await product.replies(to: chat).count == number + 3 }
        }
        try await until("the events are on the stream") { try await product.events().count == 2 }
    }

    private func sid(_ number: Int) -> String { "SM" + String(repeating: "0", count: 31) + "\(number)" }
}
