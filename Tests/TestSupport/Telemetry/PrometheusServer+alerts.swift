import Common
import NIOHTTP1

extension PrometheusServer {
    /// The alerts that wait or ring, by name: `pending` or `firing`.
    package func alerts() async throws -> [String: String] {
        let answer = try await get("/api/v1/alerts")
        guard case .array(let found)? = answer["alerts"] else { return [:] }
        return Dictionary(
            found.map { ($0["labels"]?["alertname"]?.string ?? "", $0["state"]?.string ?? "") },
            // One that rings matters more than one that waits.
            uniquingKeysWith: { [$0, $1].contains("firing") ? "firing" : $0 })
    }
}

/// Runs `body` with a Prometheus that scrapes `/metrics` of 127.0.0.1 at these ports twice a second, each a target with
/// the labels `job="whatsapp-handler"` and `process`; `rules` are the texts of rules files by their names.
package func withPrometheus<R: Sendable>(
    scraping targets: [(process: String, port: Int)], rules: [String: String] = [:],
    _ body: (PrometheusServer) async throws -> R
) async throws -> R {
    var configuration = """
        global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms }
        rule_files: ["*.rules.yml"]
        scrape_configs:
          - job_name: whatsapp-handler
            static_configs: [

        """
    for (process, port) in targets {
        configuration += "      { targets: [\"127.0.0.1:\(port)\"], labels: { process: \(process) } },\n"
    }
    return try await withPrometheus(
        configuration: configuration + "    ]\n", files: rules.map { (name: $0.key, text: $0.value) }, body)
}
