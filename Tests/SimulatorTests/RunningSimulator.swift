import Common
import FoundationEssentials
import Logging
import NIOHTTP1
import ServiceLifecycle
import TestSupport

@testable import Simulator

/// The reactor of all the simulator's tests, as in a process.
let simulatorReactor = Reactor(name: "sim-tests")

func quietLogger() -> Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}

/// A simulator of a test's own, and the service that it calls.
struct RunningSimulator: Sendable {
    static let account = "AC4c122831efef10ac68b5223dccd6f614"
    static let token = "token-of-the-tests"
    static let sender = "whatsapp:+14155238886"
    static let smsSender = "+447700900001"
    static let publicBase = "https://bot.example.com"

    let simulation: Simulation
    let port: Int
    let service: FakeService
    let client: HTTPClient

    var url: String { "http://127.0.0.1:\(port)" }
    static let messages = "/2010-04-01/Accounts/\(account)/Messages.json"

    /// Calls Twilio's API with the account's credentials.
    func twilio(
        _ method: HTTPMethod, _ path: String = messages, form: [(String, String)] = [], user: String = account,
        password: String = token
    ) async throws -> Answer {
        var request = HTTPRequest(method, url + path)
        if method == .POST {
            request.headers = ["Content-Type": "application/x-www-form-urlencoded"]
            request.body = FormBody(form).encoded
        }
        request.basicAuthentication = (user, Secret(password))
        return Answer(try await client.send(request))
    }

    /// Sends a message of the service's to the first passenger, or to `to`.
    func create(
        _ body: String = "Hello", to: String = "whatsapp:+447700900123", from: String = sender, callback: String? = nil
    ) async throws -> Answer {
        let more = callback.map { [("StatusCallback", $0)] } ?? []
        return try await twilio(.POST, form: [("To", to), ("From", from), ("Body", body)] + more)
    }

    /// Calls the page's API.
    func api(
        _ method: HTTPMethod, _ path: String, _ json: String? = nil, headers: HTTPHeaders = [:]
    ) async throws -> Answer {
        var request = HTTPRequest(method, url + path, headers: headers, body: Array((json ?? "").utf8))
        if request.headers.first(name: "Content-Type") == nil {
            request.headers.add(name: "Content-Type", value: "application/json")
        }
        return Answer(try await client.send(request))
    }
}

/// An answer and its JSON.
struct Answer: Sendable {
    let response: HTTPResponse
    var status: Int { response.status }
    let json: JSON

    init(_ response: HTTPResponse) {
        self.response = response
        json = (try? JSONDecoder().decode(JSON.self, from: Data(response.body))) ?? .null
    }
}

/// Runs `body` with a simulator that ends with the scope; there is one passenger, +447700900123.
func withSimulator<R: Sendable>(
    redis: RedisConfiguration? = nil, statusInterval: Duration = .milliseconds(20),
    _ configure: (inout SimulatorConfiguration) -> Void = { _ in },
    _ body: @Sendable (RunningSimulator) async throws -> R
) async throws -> R {
    let service = try FakeService()
    guard let webhook = WebhookAddress("http://127.0.0.1:\(service.port)/webhook/twilio") else {
        throw HarnessError("no webhook address")
    }
    var configuration = SimulatorConfiguration(
        webhook: webhook, accountSID: RunningSimulator.account, authToken: Secret(RunningSimulator.token),
        senders: .init(whatsApp: RunningSimulator.sender, sms: RunningSimulator.smsSender))
    configuration.port = try freePort()
    configuration.publicBase = WebhookAddress(RunningSimulator.publicBase)
    configuration.statusInterval = statusInterval
    configure(&configuration)
    let simulator = Simulator(configuration, redis: redis, reactor: simulatorReactor, logger: quietLogger())
    _ = try await simulator.simulation.addPassenger(name: "Alex Morgan", number: "+447700900123", username: nil)
    let group = ServiceGroup(services: [service.server] + simulator.all, logger: quietLogger())
    let client = HTTPClient(reactor: simulatorReactor)
    let running = RunningSimulator(
        simulation: simulator.simulation, port: configuration.port, service: service, client: client)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        try await until("both listen") { connects(toPort: running.port) && connects(toPort: service.port) }
        let result: Result<R, any Error>
        do { result = .success(try await body(running)) } catch { result = .failure(error) }
        await client.close()
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return try result.get()
    }
}
