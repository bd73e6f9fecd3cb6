/// Puts accepted messages on the queue: what `ingest` does and nothing else.
package struct QueueProducer: Sendable {
    private let redis: any RedisService
    private let keys: QueueKeys

    package init(redis: any RedisService, keys: QueueKeys) {
        self.redis = redis
        self.keys = keys
    }

    /// Pushes one envelope and tells the depth of its shard's ingress, from any thread.
    ///
    /// Envelopes pushed in one turn of the reactor share a round trip. On failure the envelope may still have
    /// arrived, unless the error says otherwise; a second push of the same message is dropped by its MessageSid.
    package func push(_ envelope: Envelope, _ completion: @escaping @Sendable (Result<Int, RedisError>) -> Void) {
        let ingress = keys.ingress(keys.shard(of: envelope.sender))
        redis.submit(RedisCommand("RPUSH", .init(ingress), .init(envelope.encoded()))) { result in
            completion(
                result.flatMap { reply in
                    guard let depth = reply.int else {
                        return .failure(RedisError(.unexpectedReply, "RPUSH answered no number"))
                    }
                    return .success(depth)
                })
        }
    }
}
