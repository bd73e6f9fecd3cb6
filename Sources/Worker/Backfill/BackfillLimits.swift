package import Common

/// What bounds the reading of the provider's list.
package struct BackfillLimits: Hashable, Sendable {
    /// How far before the watermark a round begins: clocks differ, and a message may be listed late.
    package var overlap: Duration = .seconds(120)
    /// Messages younger than this are still on their way by webhook (`BACKFILL_DELAY_SECONDS`).
    package var delay: Duration = .seconds(30)
    /// How long a reader owns the list without a sign of life.
    package var lease: Duration = .seconds(30)
    /// Messages a page; Twilio gives up to 1000, but decoding that many would hold up the reactor.
    package var pageSize = 200
    /// Requests for pages in one round; more is an error, and nothing is skipped.
    package var pages = 5000
    /// The longest a round may take; what is left is the next one's.
    package var round: Duration = .seconds(900)
    /// Missing messages kept in memory at once; the oldest are pushed first, then the day is read again.
    package var batch = 20_000
    /// While more envelopes than this wait to be put in their senders' lists, what is missing may be among them.
    package var ingress = 1000
    /// An open message holds the watermark back for this long; then something is wrong with it that reading it again
    /// does not mend.
    package var hold: Duration = .seconds(3 * 86_400)
    /// Nothing older is looked for: that it was handled may be forgotten by then (`RETENTION_DAYS`); nil for no limit.
    package var oldest: Duration?
    /// When nothing was listed, the watermark follows at this distance.
    package var quiet: Duration = .seconds(3600)
    /// For one request to the provider.
    package var request: Duration = .seconds(20)
    /// How often a request is made before the round fails.
    package var attempts = 5
    /// The pause before a request is repeated.
    package var backoff = Backoff(base: .seconds(1), cap: .seconds(30))

    package init() {}
}
