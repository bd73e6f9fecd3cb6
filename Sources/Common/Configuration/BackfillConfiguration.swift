/// How the worker looks for messages that never arrived.
///
/// - `BACKFILL_INTERVAL_SECONDS` (300): how often the provider's list is read; 0 turns backfill off, on start too
/// - `BACKFILL_DELAY_SECONDS` (30): a younger message may still be on its way by webhook
package struct BackfillConfiguration: Hashable, Sendable {
    /// Nil when it is off.
    package let interval: Duration?
    package let delay: Duration

    package init(reading values: inout ConfigurationValues) {
        let interval = values.seconds("BACKFILL_INTERVAL_SECONDS", default: 300, in: 0...86_400)
        self.interval = interval == .zero ? nil : interval
        delay = values.seconds("BACKFILL_DELAY_SECONDS", default: 30, in: 0...600)
    }
}
