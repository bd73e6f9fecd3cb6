/// How long to wait before the next attempt: full jitter over a doubling ceiling.
///
/// Full jitter spreads clients that failed together best
/// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter).
package struct Backoff: Hashable, Sendable {
    package var base: Duration
    package var cap: Duration

    package init(base: Duration, cap: Duration) {
        self.base = base
        self.cap = cap
    }

    /// Between zero and `min(cap, base * 2^attempt)`; the first wait is `attempt` 0.
    package func delay(attempt: Int, using random: inout some RandomNumberGenerator) -> Duration {
        let doubled = base * (1 << min(max(attempt, 0), 20))
        let ceiling = min(cap, doubled)
        return .microseconds(Int64.random(in: 0...max(0, ceiling.wholeMicroseconds), using: &random))
    }

    /// As above, from the system's generator.
    package func delay(attempt: Int) -> Duration {
        var random = SystemRandomNumberGenerator()
        return delay(attempt: attempt, using: &random)
    }
}
