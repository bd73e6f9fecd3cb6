package import Logging

/// Where log lines go besides standard output.
///
/// - `LOKI_ENABLED` (false): whether they go to Loki at all
/// - `LOKI_HOST` (required when enabled): Loki's address, `https://logs.example.com` or `http://loki:3100`
/// - `LOKI_BASIC_AUTH` (secret, none): `user:password` for it
/// - `LOKI_LEVEL` (LOG_LEVEL's value): the lowest level that goes there, which may be below or above `LOG_LEVEL`
package struct LokiConfiguration: Sendable {
    /// The whole address of the push API.
    package let url: String
    package let user: String?
    package let password: Secret?
    package let level: Logger.Level

    /// The path of Loki's push API (https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs).
    private static let path = "/loki/api/v1/push"

    /// Nil when lines stay here.
    package init?(reading values: inout ConfigurationValues, logLevel: Logger.Level) {
        let isEnabled = values.bool("LOKI_ENABLED", default: false)
        let host = values.optional("LOKI_HOST", expected: "an http or https address, http://loki:3100") {
            WebAddress($0)?.text
        }
        let credentials = values.optionalSecret(
            "LOKI_BASIC_AUTH", expected: "user:password", where: { Self.parts(of: $0) != nil })
        let level = values.choice("LOKI_LEVEL", default: logLevel)
        guard isEnabled else { return nil }
        guard let host else {
            if !values.isSet("LOKI_HOST") {
                values.report(
                    "LOKI_HOST", "missing; LOKI_ENABLED is true: expected Loki's address, http://loki:3100")
            }
            return nil
        }
        url = host.hasSuffix(Self.path) ? host : host + Self.path
        (user, password) = credentials.flatMap { Self.parts(of: $0.value) } ?? (nil, nil)
        self.level = level
    }

    private static func parts(of credentials: String) -> (user: String?, password: Secret?)? {
        guard let colon = credentials.firstIndex(of: ":"), colon > credentials.startIndex else { return nil }
        return (
            String(credentials[..<colon]), Secret(String(credentials[credentials.index(after: colon)...]))
        )
    }
}
