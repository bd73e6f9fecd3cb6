/// How a worker takes messages from the queue.
package struct ConsumerConfiguration: Hashable, Sendable {
    /// Senders handled at once.
    package let concurrency: Int
    /// How long an idle conversation is remembered.
    package let stateTTL: Duration

    /// - `WORKER_CONCURRENCY` (32)
    /// - `REDIS_CACHE_TTL_SECONDS` (86400)
    package init(reading values: inout ConfigurationValues) {
        concurrency = values.int("WORKER_CONCURRENCY", default: 32, in: 1...1024)
        stateTTL = values.seconds("REDIS_CACHE_TTL_SECONDS", default: 86_400, in: 60...2_592_000)
    }
}
