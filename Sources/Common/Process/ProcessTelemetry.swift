import CoreMetrics
import Glibc
import Logging

/// The logs and metrics of a process: where lines go, who may ask for series, what is pushed elsewhere.
struct ProcessTelemetry: Sendable {
    /// The process' own logger; what is pushed goes through it.
    let logger: Logger
    /// For what pushes: what it says is not pushed, or it would have itself to say more.
    let quiet: Logger
    let registry: PrometheusRegistry
    /// Run around all services, so that the last line is pushed as well.
    let pushers: [any Pushing]

    /// Sets up swift-log and swift-metrics, once in a process.
    static func bootstrap(
        _ name: String, _ settings: ProcessSettings, _ configuration: TelemetryConfiguration, _ reactor: Reactor
    ) -> ProcessTelemetry {
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        Meter(label: MetricName.buildInfo.rawValue, dimensions: [("process", name), ("version", Build.version)]).set(1)

        let console = console(name, settings)
        let loki = configuration.loki.map { ($0, LokiBuffer()) }
        let handler = loki.map { pushed(name, settings, console, $0.level, $1) } ?? console
        LoggingSystem.bootstrap({ _, _ -> any LogHandler in handler }, metadataProvider: LogContext.provider)

        let quiet = Logger(label: name) { _ in console }
        var pushers: [any Pushing] = []
        if let (configuration, waiting) = loki {
            let request = LokiRequest(
                configuration, service: settings.serviceName, process: name,
                environment: settings.appEnvironment.rawValue)
            pushers.append(
                PushService(waiting.buffer, reactor: reactor, logger: quiet) { request.request($0) })
        }
        if let metrics = configuration.metrics {
            pushers.append(
                MetricsPusher(
                    metrics, registry: registry, labels: labels(name, settings), reactor: reactor, logger: quiet))
        }
        return ProcessTelemetry(
            logger: Logger(label: name), quiet: quiet, registry: registry, pushers: pushers)
    }

    /// Text for a person at a terminal, JSON for everybody else.
    private static func console(_ name: String, _ settings: ProcessSettings) -> any LogHandler {
        if isatty(STDOUT_FILENO) == 1 { return TextLogHandler(process: name, level: settings.logLevel) }
        return JSONLogHandler(service: settings.serviceName, process: name, level: settings.logLevel)
    }

    private static func pushed(
        _ name: String, _ settings: ProcessSettings, _ console: any LogHandler, _ level: Logger.Level,
        _ buffer: LokiBuffer
    ) -> PushedLogHandler {
        PushedLogHandler(
            json: JSONLogHandler(service: settings.serviceName, process: name, level: settings.logLevel),
            terminal: console as? TextLogHandler, pushLevel: level, push: { buffer.add($0, $1) })
    }

    /// What every pushed series has: `job` and `instance` as if it had been asked for, and what tells processes apart.
    private static func labels(_ name: String, _ settings: ProcessSettings) -> [(name: String, value: String)] {
        var host = "localhost"
        var names = utsname()
        if uname(&names) == 0 {
            host = withUnsafeBytes(of: names.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        // On port 0 the kernel picks one, which is not known yet.
        let port = settings.port == 0 ? Int(getpid()) : settings.port
        return [
            ("job", settings.serviceName), ("instance", "\(host):\(port)"), ("process", name),
            ("environment", settings.appEnvironment.rawValue),
        ]
    }
}
