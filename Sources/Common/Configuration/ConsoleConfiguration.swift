package import Logging

/// The operator's console, `operator serve`.
///
/// - `OPERATOR_TOKEN` (secret): at least 32 characters; who knows it may use the console. Without one it is served to
///   loopback addresses alone, and asks for nothing
/// - `TRUSTED_PROXIES` (none): see `TrustedProxies`
/// - `SERVICE_NAME`, `LOG_LEVEL`: as `ProcessSettings` has them
package struct ConsoleConfiguration: Sendable {
    package let token: Secret?
    package let trustedProxies: TrustedProxies
    package let serviceName: String
    package let logLevel: Logger.Level

    package init(reading values: inout ConfigurationValues) {
        token = values.optionalSecret("OPERATOR_TOKEN", minimumLength: 32)
        trustedProxies = TrustedProxies(reading: &values)
        let process = ProcessSettings(reading: &values)
        serviceName = process.serviceName
        logLevel = process.logLevel
    }
}

extension TrustedProxies {
    /// - `TRUSTED_PROXIES` (none): addresses and ranges, separated by commas, whose `X-Forwarded-…` count
    package init(reading values: inout ConfigurationValues) {
        self =
            values.optional("TRUSTED_PROXIES", expected: "addresses and ranges like 10.0.0.0/8, separated by commas") {
                TrustedProxies($0)
            } ?? .none
    }
}
