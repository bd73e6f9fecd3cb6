import Common

/// Brings the events of the outbox to their sinks.
@main struct RelayMain {
    static func main() async {
        await ServiceProcess.run("relay", configuration: { RelayProcessConfiguration(reading: &$0) }) {
            configuration, context in
            RelayServices(configuration, context).all
        }
    }
}

/// What the relay reads of its environment: where the log is, where events go.
struct RelayProcessConfiguration: Sendable {
    var relay: RelayConfiguration
    var postgres: PostgresConfiguration
    var redis: RedisConfiguration

    init(reading values: inout ConfigurationValues) {
        relay = RelayConfiguration(reading: &values, builtIn: RelaySinks.builtIn)
        postgres = PostgresConfiguration(reading: &values)
        redis = RedisConfiguration(reading: &values)
        // A sink does one thing after the other: more connections would wait.
        postgres.connections = max(1, relay.sinks.count)
        postgres.applicationName = "whatsapp-handler relay"
        postgres.settings.merge(RelaySession.settings) { _, ours in ours }
    }
}
