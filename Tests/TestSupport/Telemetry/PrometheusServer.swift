import Common
import Glibc
import NIOHTTP1

/// A Prometheus of a test's own, which takes remote write, on a port of loopback and with a folder of its own.
package struct PrometheusServer: Sendable {
    /// One series of an answer, with its newest value.
    package struct Sample: Hashable, Sendable {
        package let labels: [String: String]
        package let value: Double
    }

    package let process: ServerProcess
    package let directory: String
    package let port: Int
    private let http: HTTPClient

    package var url: String { "http://127.0.0.1:\(port)" }
    /// What `ALLOY_PUSH_URL` may be.
    package var writeURL: String { url + "/api/v1/write" }

    fileprivate init(process: ServerProcess, directory: String, port: Int, http: HTTPClient) {
        self.process = process
        self.directory = directory
        self.port = port
        self.http = http
    }

    package func start() async throws {
        try await process.start()
        try await until("Prometheus is ready") {
            (try? await http.send(HTTPRequest(.GET, url + "/-/ready")))?.status == 200
        }
    }

    /// Asks for an expression's value now; a range of samples gives the newest of each series.
    package func query(_ expression: String) async throws -> [Sample] {
        let form = FormParameters.encode([("query", expression)])
        var request = HTTPRequest(.POST, url + "/api/v1/query", body: form)
        request.headers = ["Content-Type": "application/x-www-form-urlencoded"]
        request.maximumResponseBytes = 16 * 1024 * 1024
        let answer = try await http.send(request)
        guard answer.status == 200, let data = JSONValue(parsing: answer.body)?["data"],
            case .array(let results)? = data["result"]
        else { throw HarnessError("Prometheus answered \(answer.status): \(answer.text.prefix(500))") }
        return try results.map { result in
            guard case .object(let labels)? = result["metric"], let value = Self.newest(result) else {
                throw HarnessError("no sample: \(result)")
            }
            return Sample(
                labels: Dictionary(labels.map { ($0.name, $0.value.string ?? "") }, uniquingKeysWith: { $1 }),
                value: value)
        }
    }

    /// The data of an answer of Prometheus' API.
    func get(_ path: String) async throws -> JSONValue {
        let answer = try await http.send(HTTPRequest(.GET, url + path))
        guard answer.status == 200, let data = JSONValue(parsing: answer.body)?["data"] else {
            throw HarnessError("Prometheus answered \(answer.status) to \(path): \(answer.text.prefix(300))")
        }
        return data
    }

    private static func newest(_ result: JSONValue) -> Double? {
        var pair = result["value"]
        if pair == nil, case .array(let values)? = result["values"] { pair = values.last }
        guard case .array(let parts)? = pair, parts.count == 2 else { return nil }
        return parts[1].string.flatMap { Double($0) }
    }
}

/// Runs `body` with a Prometheus that ends with the scope, asks nobody by itself and takes what is written to it.
///
/// `configuration` is its YAML; `files` are put beside it first (rules, say), a name and a text each.
package func withPrometheus<R: Sendable>(
    configuration: String = "global: {scrape_interval: 1s, evaluation_interval: 1s}\n",
    files: [(name: String, text: String)] = [], _ body: (PrometheusServer) async throws -> R
) async throws -> R {
    try await withTemporaryDirectory { directory in
        guard access("/usr/bin/prometheus", X_OK) == 0 else {
            throw HarnessError("Prometheus is missing: scripts/setup test")
        }
        for file in files + [("prometheus.yml", configuration)] { try write(file.1, to: directory + "/" + file.0) }
        let port = try freePort()
        let process = ServerProcess(
            "/usr/bin/prometheus",
            [
                "--config.file=\(directory)/prometheus.yml", "--storage.tsdb.path=\(directory)/data",
                "--web.listen-address=127.0.0.1:\(port)", "--web.enable-remote-write-receiver", "--log.level=warn",
            ], log: directory + "/prometheus.log")
        let reactor = Reactor(name: "prometheus")
        let http = HTTPClient(reactor: reactor)
        let server = PrometheusServer(process: process, directory: directory, port: port, http: http)
        let result: Result<R, any Error>
        do {
            try await server.start()
            result = .success(try await body(server))
        } catch {
            result = .failure(error)
        }
        await http.close()
        reactor.stop()
        try await process.stop()
        return try result.get()
    }
}

private func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw HarnessError("cannot write \(path)") }
    defer { fclose(file) }
    fputs(text, file)
}
