/// Where the relay delivers events to.
///
/// - `RELAY_SINKS` (redis): comma separated
/// - `RELAY_REDIS_STREAM` (whatsapp_handler.events): the stream's key
package struct RelayConfiguration: Hashable, Sendable {
    package enum Sink: String, CaseIterable, Sendable {
        case redis
    }

    package let sinks: [Sink]
    package let redisStream: String

    package init(reading values: inout ConfigurationValues) {
        sinks = values.choices(
            "RELAY_SINKS", default: [.redis], expected: "redis (the only sink of this version)")
        redisStream = values.string("RELAY_REDIS_STREAM", default: "whatsapp_handler.events")
    }
}
