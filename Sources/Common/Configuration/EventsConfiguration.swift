/// How other services tell us of things.
///
/// - `EVENTS_WEBHOOK_SECRET` (secret): `whsec_` and base64, several separated by spaces; without one none are taken
package struct EventsConfiguration: Sendable {
    package let keys: StandardWebhookKeys?

    package init(reading values: inout ConfigurationValues) {
        let secret = values.optionalSecret(
            "EVENTS_WEBHOOK_SECRET", expected: "whsec_ and base64 of 24 to 64 bytes, or several, separated by spaces",
            where: { StandardWebhookKeys($0) != nil })
        keys = secret.flatMap { StandardWebhookKeys($0.value) }
    }
}
