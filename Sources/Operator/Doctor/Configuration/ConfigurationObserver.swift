import Common

/// Reads the environment as all processes together would.
struct ConfigurationObserver: Sendable {
    private let settings: DoctorSettings

    init(_ settings: DoctorSettings) { self.settings = settings }

    var checks: [any DoctorCheck] {
        var values = ConfigurationValues(environment: settings.environment)
        KnownVariables.read(&values)
        var problems: [ConfigurationProblems.Problem] = []
        do { try values.check() } catch { problems = error.problems }
        let suspects = KnownVariables.suspectedTypos(in: settings.environment)
        return [
            VariablesCheck(read: values.namesRead.count, problems: problems),
            TyposCheck(suspects: suspects.map { .init(found: $0.found, meant: $0.meant) }),
            SecretsCheck(isProduction: settings.isProduction, secrets: secrets(values.secretNames)),
            EnvironmentCheck(
                isProduction: settings.isProduction,
                publicBase: settings.twilio.flatMap { WebAddress($0.publicBaseURL) },
                api: settings.twilio.flatMap { WebAddress($0.apiBaseURL) }),
            TransportCheck(isProduction: settings.isProduction, links: links),
        ]
    }

    /// Those that are set; addresses are looked at by `TransportCheck`.
    private func secrets(_ names: Set<String>) -> [SecretsCheck.Fact] {
        var values = ConfigurationValues(environment: settings.environment)
        return names.filter { !$0.hasSuffix("_URL") }.sorted().compactMap { name in
            values.optionalSecret(name).map { SecretsCheck.Fact(name: name, $0) }
        }
    }

    private var links: [TransportCheck.Link] {
        var links: [TransportCheck.Link] = []
        if let base = settings.twilio.flatMap({ WebAddress($0.publicBaseURL) }) {
            links.append(.init(variable: "PUBLIC_BASE_URL", host: base.host, isEncrypted: base.isSecure))
        }
        if let postgres = settings.postgres {
            let isEncrypted: Bool
            switch postgres.sslMode {
            case .disable, .allow, .prefer: isEncrypted = false
            case .require, .verifyCA, .verifyFull: isEncrypted = true
            }
            links.append(.init(variable: "DATABASE_URL", host: postgres.host, isEncrypted: isEncrypted))
        }
        if let redis = settings.redis {
            links.append(
                .init(variable: "REDIS_URL", host: redis.socketPath ?? redis.host, isEncrypted: redis.usesTLS))
        }
        return links
    }
}
