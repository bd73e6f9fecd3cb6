import Common
import Logging
import ServiceLifecycle

/// The whole simulator: Twilio's API, the chat page, and the services that keep them going.
struct Simulator: Sendable {
    let simulation: Simulation
    private let services: [any Service]

    /// `onBound` is told the port once it listens; `redis` is where the events to be shown are.
    init(
        _ configuration: SimulatorConfiguration, redis: RedisConfiguration?, reactor: Reactor, logger: Logger,
        onBound: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        simulation = Simulation(configuration)
        let client = HTTPClient(reactor: reactor, maximumConnections: 256)
        let deliveries = Deliveries(simulation, client: client)
        var router = Router()
        MessagesRoutes(simulation, deliveries).add(to: &router)
        MessagingRoutes(configuration).add(to: &router)
        APIRoutes(simulation, deliveries).add(to: &router)
        // Connections of its own, so that a load never holds up the callbacks of its replies.
        let load = LoadGenerator(simulation, client: HTTPClient(reactor: reactor, maximumConnections: 256))
        LoadRoutes(simulation, load, deliveries).add(to: &router)
        PageRoutes().add(to: &router)
        var server = HTTPServerConfiguration(port: configuration.port)
        server.host = "127.0.0.1"
        server.maximumBody = MediaShelf.largest
        let http = HTTPServer(configuration: server, router: router, logger: logger, onBound: onBound)
        var services: [any Service] = [deliveries, load, http]
        if let redis { services.append(StreamWatch(simulation, redis, reactor: reactor, logger: logger)) }
        self.services = services
    }

    /// In the order in which they depend on each other.
    var all: [any Service] { services }
}
