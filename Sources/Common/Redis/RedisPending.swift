/// A command on its way, and who waits for its reply.
struct RedisPending {
    let command: RedisCommand
    let started: ContinuousClock.Instant
    let deadline: ContinuousClock.Instant
    /// Called once, on the reactor's thread; an error reply is a value here.
    let complete: (Result<RedisValue, RedisError>) -> Void
}
