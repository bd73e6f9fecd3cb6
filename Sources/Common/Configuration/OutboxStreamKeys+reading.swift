extension OutboxStreamKeys {
    /// Reads `RELAY_REDIS_STREAM` (whatsapp_handler.events), which the relay writes and the worker takes erased people
    /// out of.
    package init(reading values: inout ConfigurationValues) {
        let name = values.string(
            "RELAY_REDIS_STREAM", default: "whatsapp_handler.events", expected: "a key whose braces are a hash tag"
        ) { OutboxStreamKeys(stream: $0) != nil }
        self = OutboxStreamKeys(stream: name) ?? .placeholder
    }
}
