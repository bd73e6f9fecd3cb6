import NIOCore
import NIOHTTP1

/// The pages that every process has for those who operate it: `/`, `/health`, `/ready`, `/metrics`.
package struct AdminRoutes: Sendable {
    private let name: String
    private let service: String
    private let registry: PrometheusRegistry
    private let readiness: Readiness
    private let checks: [HealthCheck]

    /// `checks` are what `/health` asks, each under the name of what answers (`database`, `redis`) and for 1 s at most.
    ///
    /// Only what this process itself needs belongs there.
    package init(
        _ context: ProcessContext, checks: [(name: String, check: @Sendable () async -> Bool)]
    ) {
        name = context.name
        service = context.settings.serviceName
        registry = context.registry
        readiness = context.readiness
        self.checks = checks.map { HealthCheck(name: $0.name, check: $0.check) }
    }

    package func add(to router: inout Router) {
        addMetrics(to: &router)
        router.on(.GET, "/") { [self] request in request.eventLoop.makeSucceededFuture(about()) }
        router.on(.GET, "/ready") { [self] request in request.eventLoop.makeSucceededFuture(ready()) }
        router.on(.GET, "/health") { [self] request in
            let outcomes = checks.map { check in check.outcome(for: request).map { (check.name, $0) } }
            return EventLoopFuture.whenAllSucceed(outcomes, on: request.eventLoop).map { health($0) }
        }
    }

    /// `/metrics` alone, for the port that is there for nothing else.
    package func addMetrics(to router: inout Router) {
        router.on(.GET, "/metrics") { [registry] request in
            request.eventLoop.makeSucceededFuture(
                .text(registry.render(), type: "text/plain; version=0.0.4; charset=utf-8"))
        }
    }

    private func about() -> HTTPServerResponse {
        let status = readiness.isShuttingDown ? "stopping" : readiness.isReady ? "ready" : "starting"
        return page(
            .ok, ["service": service, "process": name, "version": Build.version, "status": status])
    }

    private func ready() -> HTTPServerResponse {
        if readiness.isReady { return page(.ok, ["status": "ready"]) }
        if readiness.isShuttingDown { return page(.serviceUnavailable, ["status": "stopping"]) }
        return page(
            .serviceUnavailable, ["status": "starting"],
            JSONValue.Member("waiting_for", .array(readiness.waitingFor.map { .string($0) })))
    }

    private func health(_ outcomes: [(name: String, outcome: HealthCheck.Outcome)]) -> HTTPServerResponse {
        var isHealthy = true
        let checks = outcomes.map { name, outcome in
            switch outcome {
            case .healthy(let duration):
                return JSONValue.Member(
                    name,
                    .object([
                        .init("status", .string("healthy")), .init("ms", .integer(Int(duration.wholeMilliseconds))),
                    ]))
            case .failed, .silent:
                isHealthy = false
                var error = "failed"
                if case .silent = outcome { error = "no answer within 1 s" }
                return JSONValue.Member(
                    name, .object([.init("status", .string("unhealthy")), .init("error", .string(error))]))
            }
        }
        return page(
            isHealthy ? .ok : .serviceUnavailable,
            [
                "status": isHealthy ? "healthy" : "unhealthy", "service": service, "process": name,
                "version": Build.version, "timestamp": Timestamp.now.rfc3339,
            ], JSONValue.Member("checks", .object(checks)))
    }

    /// A page that must not be kept by anything on its way.
    private func page(
        _ status: HTTPResponseStatus, _ texts: KeyValuePairs<String, String>, _ last: JSONValue.Member? = nil
    ) -> HTTPServerResponse {
        let members = texts.map { JSONValue.Member($0.key, .string($0.value)) } + (last.map { [$0] } ?? [])
        var response = HTTPServerResponse.json(JSONValue.object(members).text, status: status)
        response.headers.add(name: "Cache-Control", value: "no-store")
        return response
    }
}
