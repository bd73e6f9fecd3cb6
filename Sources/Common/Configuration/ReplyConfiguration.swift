/// How the worker treats replies whose fate it does not know.
///
/// - `REPLY_UNKNOWN_SECONDS` (150): how long evidence is looked for before a reply is sent again
package struct ReplyConfiguration: Hashable, Sendable {
    package let unknownLimit: Duration

    package init(reading values: inout ConfigurationValues) {
        unknownLimit = values.seconds("REPLY_UNKNOWN_SECONDS", default: 150, in: 1...3600)
    }
}
