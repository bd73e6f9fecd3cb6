/// How long personal data is kept that is no longer used.
///
/// - `RETENTION_DAYS` (90)
package struct RetentionConfiguration: Hashable, Sendable {
    package let period: Duration

    package init(reading values: inout ConfigurationValues) {
        period = .seconds(values.int("RETENTION_DAYS", default: 90, in: 1...3650) * 86_400)
    }
}
