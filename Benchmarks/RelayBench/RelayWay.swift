import Common
import TestSupport

/// The addresses of Postgres and Redis that relays are given, with a longer way to them if one is wanted.
///
/// The longer way is the simulator's delaying proxy. Writers and readers of the benchmark's own always go straight.
struct RelayWay: Sendable {
    let postgres: String
    let redis: String

    /// Runs `body` with the addresses; `roundTrip` of zero is without proxies.
    static func with(
        _ product: Product, roundTrip: Duration, _ body: (RelayWay) async throws -> Void
    ) async throws {
        let straight = RelayWay(
            postgres: product.postgres.url(database: product.database), redis: product.redis.url)
        guard roundTrip > .zero else { return try await body(straight) }
        var proxies: [ServerProcess] = []
        let result: Result<Void, any Error>
        do {
            var ways: [String] = []
            for url in [straight.postgres, straight.redis] {
                let port = try freePort()
                let target = url.split(separator: "@").last?.split(separator: "/").last { $0.contains(":") } ?? ""
                let proxy = ServerProcess(
                    Product.programs + "/simulator",
                    [
                        "delay", "--listen", "127.0.0.1:\(port)", "--to", String(target), "--one-way",
                        "\(Int(roundTrip.inSeconds * 500_000))us",
                    ], log: product.directory + "/delay-\(port).log")
                try await proxy.start()
                proxies.append(proxy)
                try await until("the proxy listens") { connects(toPort: port) }
                ways.append(url.replacing(target, with: "127.0.0.1:\(port)"))
            }
            result = .success(try await body(RelayWay(postgres: ways[0], redis: ways[1])))
        } catch {
            result = .failure(error)
        }
        for proxy in proxies { try await proxy.stop() }
        try result.get()
    }
}
