/// Where the relay delivers events to.
///
/// - `RELAY_SINKS` (redis): comma separated, each served apart from the others; a new one begins with the oldest event
///   that is kept
/// - `RELAY_REDIS_STREAM` (whatsapp_handler.events): the stream's key; braces in it must be a hash tag
/// - `RELAY_WEBHOOK_URL` (secret, for it may hold a token): where the sink `webhook` posts events; https unless the process is run for development or tests
/// - `RELAY_WEBHOOK_SECRET` (secret): signs them, per Standard Webhooks: base64 of 24 to 64 bytes, with or without `whsec_`
/// - `RELAY_WEBHOOK_SECRET_SECONDARY` (secret): the one before, while it is being replaced: both sign
/// - `RELAY_KAFKA_…`: see `KafkaConfiguration`
/// - `RELAY_PARKED_POLICY` (skip): what becomes of a key whose event was refused for 75 hours: it goes on (skip) or
///   waits until someone decides (hold)
/// - `RELAY_LEASE_SECONDS` (15): how long shards stay with a relay that died
/// - `RELAY_MAX_LAG_SECONDS` (60): the age of the oldest unpublished event beyond which a relay is not ready
package struct RelayConfiguration: Sendable {
    package enum Sink: String, CaseIterable, Sendable {
        case redis, webhook, kafka
    }

    /// What happens to a key whose event is given up.
    package enum ParkedPolicy: String, CaseIterable, Sendable {
        /// The key's later events go on without it.
        case skip
        /// They wait until someone retries or discards it.
        case hold
    }

    /// Where the webhook sink posts, and what signs.
    package struct Webhook: Sendable {
        package let endpoint: WebhookEndpoint
        package let keys: StandardWebhookKeys
        /// Whether the endpoint may lie on this machine or in a private network: in development and tests only.
        package let mayBePrivate: Bool

        package init(endpoint: WebhookEndpoint, keys: StandardWebhookKeys, mayBePrivate: Bool) {
            self.endpoint = endpoint
            self.keys = keys
            self.mayBePrivate = mayBePrivate
        }
    }

    package let sinks: [Sink]
    package let redisStream: OutboxStreamKeys
    /// There when `sinks` has `.webhook` and its variables are right.
    package let webhook: Webhook?
    /// There when `sinks` has `.kafka` and its variables are right.
    package let kafka: KafkaConfiguration?
    package let parkedPolicy: ParkedPolicy
    package let lease: Duration
    package let lagLimit: Duration

    /// `builtIn` are the sinks that this program has code for.
    package init(reading values: inout ConfigurationValues, builtIn: Set<Sink> = Set(Sink.allCases)) {
        sinks = values.choices("RELAY_SINKS", default: [.redis])
        for sink in sinks where !builtIn.contains(sink) {
            values.report(
                "RELAY_SINKS", "the sink \(sink.rawValue) is not built into this program\(Self.cure(sink))")
        }
        redisStream = OutboxStreamKeys(reading: &values)
        webhook = Self.webhook(&values, isWanted: sinks.contains(.webhook))
        kafka = .reading(&values, isWanted: sinks.contains(.kafka))
        parkedPolicy = values.choice("RELAY_PARKED_POLICY", default: .skip)
        lease = values.seconds("RELAY_LEASE_SECONDS", default: 15, in: 1...300)
        if sinks.contains(.kafka), lease < KafkaConfiguration.shortestLease {
            values.report(
                "RELAY_LEASE_SECONDS",
                "expected at least 9 with the sink kafka, whose messages take time to be given up")
        }
        lagLimit = values.seconds("RELAY_MAX_LAG_SECONDS", default: 60, in: 1...86400)
    }

    /// How to get a program that has it.
    private static func cure(_ sink: Sink) -> String {
        switch sink {
        case .kafka: ": build it with `swift build --traits Kafka` (docs/kafka.md)"
        case .redis, .webhook: ""
        }
    }

    private static func webhook(_ values: inout ConfigurationValues, isWanted: Bool) -> Webhook? {
        let mayBePlain = ProcessSettings.appEnvironment(of: &values) != .production
        let url = values.optionalSecret(
            "RELAY_WEBHOOK_URL", expected: mayBePlain ? "an http or https address" : "an https address",
            where: { WebhookEndpoint($0).map { $0.origin.isSecure || mayBePlain } ?? false })
        let expected = "base64 of 24 to 64 bytes, with or without whsec_"
        let isKey: (String) -> Bool = { StandardWebhookKeys(Self.prefixed($0)) != nil }
        let secret = values.optionalSecret("RELAY_WEBHOOK_SECRET", expected: expected, where: isKey)
        let previous = values.optionalSecret("RELAY_WEBHOOK_SECRET_SECONDARY", expected: expected, where: isKey)
        guard isWanted else { return nil }
        if url == nil, !values.isSet("RELAY_WEBHOOK_URL") {
            values.report("RELAY_WEBHOOK_URL", "missing; RELAY_SINKS names the webhook: expected where to post events")
        }
        if secret == nil, !values.isSet("RELAY_WEBHOOK_SECRET") {
            values.report("RELAY_WEBHOOK_SECRET", "missing; RELAY_SINKS names the webhook: expected \(expected)")
        }
        let all = [secret, previous].compactMap { $0.map { Self.prefixed($0.value) } }.joined(separator: " ")
        guard let endpoint = url.flatMap({ WebhookEndpoint($0.value) }), secret != nil,
            let keys = StandardWebhookKeys(all)
        else { return nil }
        return Webhook(endpoint: endpoint, keys: keys, mayBePrivate: mayBePlain)
    }

    private static func prefixed(_ secret: String) -> String {
        secret.hasPrefix("whsec_") ? secret : "whsec_" + secret
    }
}
