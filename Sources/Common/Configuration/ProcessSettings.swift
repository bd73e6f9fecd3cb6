package import Logging

/// What every process reads.
///
/// - `SERVICE_NAME` (whatsapp-handler): the name in logs and in /health
/// - `APP_ENV` (development | test | production, default development); `NODE_ENV` is read when it is absent
/// - `PORT` (3000): this process's HTTP port; 0 picks a free one
/// - `METRICS_PORT` (none): a second port that serves /metrics alone
/// - `LOG_LEVEL` (info)
/// - `SHUTDOWN_GRACE_SECONDS` (10): how long work in flight may take after SIGTERM
package struct ProcessSettings: Hashable, Sendable {
    package enum AppEnvironment: String, CaseIterable, Sendable {
        case development, test, production
    }

    package let serviceName: String
    package let appEnvironment: AppEnvironment
    package let port: Int
    package let metricsPort: Int?
    package let logLevel: Logger.Level
    package let shutdownGrace: Duration

    package init(reading values: inout ConfigurationValues) {
        serviceName = values.string("SERVICE_NAME", default: "whatsapp-handler")
        appEnvironment = Self.appEnvironment(of: &values)
        port = values.int("PORT", default: 3000, in: 0...65535)
        metricsPort = values.optionalInt("METRICS_PORT", in: 1...65535)
        logLevel = values.choice("LOG_LEVEL", default: .info)
        shutdownGrace = values.seconds("SHUTDOWN_GRACE_SECONDS", default: 10, in: 1...600)
    }

    /// What it is run for; `NODE_ENV` counts when `APP_ENV` is absent.
    static func appEnvironment(of values: inout ConfigurationValues) -> AppEnvironment {
        let inherited: AppEnvironment =
            values.isSet("APP_ENV") ? .development : values.choice("NODE_ENV", default: .development)
        return values.choice("APP_ENV", default: inherited)
    }
}
