import Common
import NIOHTTP1

/// A Prometheus of a test's own (Debian's package), in a scratch folder, that looks every half second.
package struct PrometheusServer: Sendable {
    package let url: String
    package let directory: String
    private let http: HTTPClient

    fileprivate init(port: Int, directory: String, http: HTTPClient) {
        url = "http://127.0.0.1:\(port)"
        self.directory = directory
        self.http = http
    }

    /// One series as an instant query finds it.
    package struct Sample: Hashable, Sendable {
        package var labels: [String: String]
        package var value: Double
    }

    /// What an expression gives now; throws what Prometheus says against it.
    package func query(_ expression: String) async throws -> [Sample] {
        let form = String(decoding: FormParameters.encode([("query", expression)]), as: UTF8.self)
        let answer = try await get("/api/v1/query?\(form)")
        return (answer["result"]?.elements ?? []).map { series in
            let text = series["value"]?.elements.last?.string ?? ""
            return Sample(labels: series["metric"]?.texts ?? [:], value: Double(text) ?? .nan)
        }
    }

    /// The alerts that wait or ring, by name: `pending` or `firing`.
    package func alerts() async throws -> [String: String] {
        let found = try await get("/api/v1/alerts")["alerts"]?.elements ?? []
        return Dictionary(
            found.map { ($0["labels"]?["alertname"]?.string ?? "", $0["state"]?.string ?? "") },
            // One that rings matters more than one that waits.
            uniquingKeysWith: { [$0, $1].contains("firing") ? "firing" : $0 })
    }

    private func get(_ path: String) async throws -> JSONValue {
        let answer = try await http.send(HTTPRequest(.GET, url + path))
        guard answer.status == 200, let data = JSONValue(parsing: answer.body)?["data"] else {
            throw HarnessError("Prometheus answered \(answer.status) to \(path): \(answer.text.prefix(300))")
        }
        return data
    }

    fileprivate var isReady: Bool {
        get async { (try? await http.send(HTTPRequest(.GET, url + "/-/ready")))?.status == 200 }
    }
}

/// Runs `body` with a Prometheus that scrapes `/metrics` of 127.0.0.1 at these ports, each a target with the labels
/// `job="whatsapp-handler"` and `process`.
///
/// `rules` are the texts of rules files by their names; `options` are further arguments, such as
/// `--web.enable-remote-write-receiver`.
package func withPrometheus<R: Sendable>(
    scraping targets: [(process: String, port: Int)] = [], rules: [String: String] = [:], options: [String] = [],
    _ body: (PrometheusServer) async throws -> R
) async throws -> R {
    try await withTemporaryDirectory { directory in
        var configuration = """
            global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms }
            rule_files: ["\(directory)/*.rules.yml"]
            scrape_configs:
              - job_name: whatsapp-handler
                static_configs: [

            """
        for (process, port) in targets {
            configuration += "      { targets: [\"127.0.0.1:\(port)\"], labels: { process: \(process) } },\n"
        }
        try writeFile(directory + "/prometheus.yml", configuration + "    ]\n")
        for (name, text) in rules { try writeFile(directory + "/" + name, text) }
        let port = try freePort()
        let reactor = Reactor(name: "prometheus")
        defer { reactor.stop() }
        let server = PrometheusServer(port: port, directory: directory, http: HTTPClient(reactor: reactor))
        let process = ServerProcess(
            "prometheus",
            [
                "--config.file=\(directory)/prometheus.yml", "--storage.tsdb.path=\(directory)/data",
                "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn",
            ] + options, log: directory + "/prometheus.log")
        try await process.start()
        let result: Result<R, any Error>
        do {
            do {
                try await until("Prometheus is ready") { await server.isReady }
            } catch {
                throw HarnessError("\(error): \(textOfFile(directory + "/prometheus.log").suffix(500))")
            }
            result = .success(try await body(server))
        } catch { result = .failure(error) }
        try await process.stop()
        return try result.get()
    }
}

extension JSONValue {
    /// The values of an array; none for anything else.
    fileprivate var elements: [JSONValue] { if case .array(let values) = self { values } else { [] } }

    /// The members of an object that are strings.
    fileprivate var texts: [String: String] {
        guard case .object(let members) = self else { return [:] }
        return Dictionary(
            members.compactMap { member in member.value.string.map { (member.name, $0) } }, uniquingKeysWith: { $1 })
    }
}
