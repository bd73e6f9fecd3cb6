import Common

/// What ingest reads of the environment.
///
/// - `TRUSTED_PROXIES` (none): addresses and ranges, separated by commas, whose `X-Forwarded-Proto` and `-Host` count
/// - those of `TwilioConfiguration`, `RedisConfiguration`, `QueueConfiguration`, `EventsConfiguration`
/// - those of `PostgresConfiguration`, for `/health` alone: without any of them ingest does without a database
struct IngestConfiguration: Sendable {
    let twilio: TwilioConfiguration
    let redis: RedisConfiguration
    let queue: QueueConfiguration
    let events: EventsConfiguration
    let postgres: PostgresConfiguration?
    let trustedProxies: TrustedProxies

    init(reading values: inout ConfigurationValues) {
        twilio = TwilioConfiguration(reading: &values)
        redis = RedisConfiguration(reading: &values)
        queue = QueueConfiguration(reading: &values)
        events = EventsConfiguration(reading: &values)
        let hasPostgres = values.isSet("DATABASE_URL") || values.isSet("PGHOST")
        postgres = hasPostgres ? PostgresConfiguration(reading: &values) : nil
        trustedProxies = TrustedProxies(reading: &values)
    }
}
