package import Logging

/// What a process gives to its services.
package struct ProcessContext: Sendable {
    /// The process as logs name it: ingest, worker, relay.
    package let name: String
    package let settings: ProcessSettings
    package let reactor: Reactor
    package let logger: Logger
    package let registry: PrometheusRegistry
    package let readiness: Readiness
    /// Records spans, if any are to be recorded.
    package let tracer: Tracer
    /// What is run around all services, so that what they say and record while they stop is pushed too.
    let pushing: [any Pushing]

    package init(
        name: String, settings: ProcessSettings, reactor: Reactor, logger: Logger, registry: PrometheusRegistry,
        readiness: Readiness, tracer: Tracer = .off, pushing: [any Pushing] = []
    ) {
        self.name = name
        self.settings = settings
        self.reactor = reactor
        self.logger = logger
        self.registry = registry
        self.readiness = readiness
        self.tracer = tracer
        self.pushing = pushing
    }
}
