/// Where the relay delivers events to.
///
/// - `RELAY_SINKS` (redis): comma separated
/// - `RELAY_REDIS_STREAM` (whatsapp_handler.events): the stream's key; braces in it must be a hash tag
/// - `RELAY_LEASE_SECONDS` (15): how long shards stay with a relay that died
package struct RelayConfiguration: Hashable, Sendable {
    package enum Sink: String, CaseIterable, Sendable {
        case redis
    }

    package let sinks: [Sink]
    package let redisStream: OutboxStreamKeys
    package let lease: Duration

    package init(reading values: inout ConfigurationValues) {
        sinks = values.choices(
            "RELAY_SINKS", default: [.redis], expected: "redis (the only sink of this version)")
        let name = values.string(
            "RELAY_REDIS_STREAM", default: "whatsapp_handler.events", expected: "a key whose braces are a hash tag"
        ) { OutboxStreamKeys(stream: $0) != nil }
        redisStream = OutboxStreamKeys(stream: name) ?? .placeholder
        lease = values.seconds("RELAY_LEASE_SECONDS", default: 15, in: 1...300)
    }
}
