import Common
import Glibc
import NIOHTTP1
import TestSupport

/// Three relays, who writes events for them, and who takes what they post.
struct RelayFleet: Sendable {
    /// Short, so that a scenario is one of order and not of patience.
    static let leaseSeconds = 1

    let product: Product
    let relays: [Fleet.Member]
    let writers: EventWriters
    let receiver: WebhookReceiver
    /// Events that were committed, and that a restore of the database took away.
    let forgotten = Locked<Set<String>>([])

    init(_ product: Product, on reactor: Reactor, sinks: [String], rate: Int) throws {
        self.product = product
        let receiver = try WebhookReceiver()
        relays = try (0..<3).map { number in
            let port = try freePort()
            var variables = product.environment(.relay)
            variables["PORT"] = "\(port)"
            variables["RELAY_LEASE_SECONDS"] = "\(Self.leaseSeconds)"
            variables["RELAY_SINKS"] = sinks.joined(separator: ",")
            variables["LOG_LEVEL"] = "info"
            if sinks.contains("webhook") {
                variables["RELAY_WEBHOOK_URL"] = receiver.url
                variables["RELAY_WEBHOOK_SECRET"] = WebhookReceiver.secret
            }
            return Fleet.Member(
                program: .relay, port: port,
                process: try ourProcess(
                    "relay", environment: variables, log: "\(product.directory)/relay-\(number).log"))
        }
        self.receiver = receiver
        writers = try EventWriters(product, on: reactor, eventsPerSecond: rate)
    }

    /// Starts the relays; those with events to publish that are too old are not ready, and not waited for.
    func start(untilReady: Bool) async throws {
        for relay in relays { try await relay.process.start() }
        guard untilReady else { return }
        for relay in relays {
            try await until("a relay is ready", within: .seconds(40)) {
                let answer = try? await product.http.send(
                    HTTPRequest(.GET, "http://127.0.0.1:\(relay.port)/ready"))
                return answer?.status == 200
            }
        }
    }

    func stop() async throws {
        for relay in relays { try await relay.process.stop() }
    }

    /// The rows of a query, in the service's own schema.
    @discardableResult
    func sql(_ text: String) async throws -> [[String]] {
        let output = try await product.postgres.psql(
            "SET search_path = whatsapp_handler; " + text, database: product.database)
        return output.split(separator: "\n").map {
            $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// The first cell of a query as a number; -1 when there is none.
    func number(_ text: String) async throws -> Int {
        try await sql(text).first?.first.flatMap { Int($0) } ?? -1
    }

    /// Runs a program to its end and gives back its exit code; what it says is in `log`.
    func command(_ line: String, log name: String = "command") async throws -> Int32 {
        let shell = ServerProcess("sh", ["-c", line], log: "\(product.directory)/\(name).log")
        try await shell.start()
        guard case .exit(let code)? = try await shell.end(within: .seconds(120)) else { return -1 }
        return code
    }

    /// Runs the operator to its end and gives back its exit code.
    func operate(_ arguments: String) async throws -> Int32 {
        let variables = [
            "DATABASE_URL": product.postgres.url(database: product.database), "REDIS_URL": product.redis.url,
        ]
        let words = variables.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
        return try await command(
            "env -i PATH=/usr/bin:/bin \(words) '\(Product.programs)/operator' \(arguments)", log: "operator")
    }

    /// Waits until every cursor of `sink` stands at its shard's end and nothing is parked; gives up quietly, as the ledger will tell.
    func drain(_ sink: String, within limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        let behind = """
            SELECT (SELECT count(*) FROM outbox_events e JOIN outbox_cursors c ON c.shard = e.shard AND c.sink = '\(sink)'
                     WHERE e.sequence > c.last_sequence)
                 + (SELECT count(*) FROM outbox_parked WHERE sink = '\(sink)')
            """
        var left = -1
        while left != 0, .now < deadline {
            left = (try? await number(behind)) ?? -1
            if left != 0 { try await Task.sleep(for: .milliseconds(50)) }
        }
    }
}
