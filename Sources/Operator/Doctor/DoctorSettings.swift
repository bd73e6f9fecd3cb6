import Common

/// What the environment says, as far as it can be read: nil where a variable of that part is wrong.
struct DoctorSettings: Sendable {
    let environment: [String: String]
    let process: ProcessSettings?
    let postgres: PostgresConfiguration?
    let redis: RedisConfiguration?
    let queue: QueueConfiguration?
    let relay: RelayConfiguration?
    let twilio: TwilioConfiguration?
    let migrations: String?

    init(_ environment: [String: String]) {
        func read<Part>(_ part: (inout ConfigurationValues) -> Part) -> Part? {
            var values = ConfigurationValues(environment: environment)
            let read = part(&values)
            do { try values.check() } catch { return nil }
            return read
        }
        self.environment = environment
        process = read { ProcessSettings(reading: &$0) }
        postgres = read { PostgresConfiguration(reading: &$0) }
        redis = read { RedisConfiguration(reading: &$0) }
        queue = read { QueueConfiguration(reading: &$0) }
        relay = read { RelayConfiguration(reading: &$0) }
        twilio = read { TwilioConfiguration(reading: &$0) }
        migrations = read { MigrationFolder.given(by: &$0) } ?? nil
    }

    var isProduction: Bool { process?.appEnvironment == .production }
}
