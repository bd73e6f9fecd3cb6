/// Puts accepted messages on the queue: what `ingest` does and nothing else.
package struct QueueProducer: Sendable {
    private let redis: any RedisService
    private let functions: RedisFunctionLibrary
    private let keys: QueueKeys
    package let limits: QueueLimits

    package init(redis: any RedisService, keys: QueueKeys, limits: QueueLimits = QueueLimits()) {
        self.redis = redis
        self.keys = keys
        self.limits = limits
        functions = RedisFunctionLibrary(redis: redis, source: .queue)
    }

    /// Pushes one envelope if its sender and the shard have room for it, from any thread.
    ///
    /// Messages have an allowance, delivery reports and events have none. Envelopes given in one turn of the reactor share
    /// a round trip. Where the function cannot run, the envelope is pushed without it: a script never costs a message. On
    /// failure the envelope may still have arrived, unless the error says otherwise; a second push of the same message is
    /// dropped by its MessageSid.
    package func accept(
        _ envelope: Envelope, _ completion: @escaping @Sendable (Result<QueueAcceptance, RedisError>) -> Void
    ) {
        let bytes = envelope.encoded()
        let shard = keys.shard(of: envelope.sender)
        let allowance = envelope.kind == .message ? limits.allowancePerMinute : 0
        functions.submit(
            "wa_accept", keys: [keys.prefix(shard)],
            [
                .init(bytes), .init(envelope.sender), .init(allowance), .init(limits.waitingPerSender),
                .init(limits.waiting), .init(Int(limits.dedupWindow.wholeMilliseconds)),
            ]
        ) { result in
            switch result {
            case .success(let reply):
                guard let answer = reply.int else {
                    return completion(.failure(RedisError(.unexpectedReply, "wa_accept answered no number")))
                }
                completion(.success(QueueAcceptance(answer)))
            // The server is there, and what it refuses is not the room: RPUSH may be all it can do.
            case .failure(let error) where error.serverPrefix != nil && !error.isOutOfMemory:
                push(bytes, to: shard) { pushed in
                    completion(pushed.map { .accepted(waiting: $0, withoutFunction: error) })
                }
            case .failure(let error): completion(.failure(error))
            }
        }
    }

    /// Pushes one envelope whatever its sender has sent already, and tells the length of its shard's ingress.
    package func push(_ envelope: Envelope, _ completion: @escaping @Sendable (Result<Int, RedisError>) -> Void) {
        push(envelope.encoded(), to: keys.shard(of: envelope.sender), completion)
    }

    /// Pushes one envelope whatever its sender has sent already; gives back the length of its shard's ingress.
    @discardableResult
    package func push(_ envelope: Envelope) async throws(RedisError) -> Int {
        try await push(envelope, to: keys.shard(of: envelope.sender))
    }

    /// Pushes one envelope into a shard that need not be its sender's: to another database that may know more.
    @discardableResult
    package func push(_ envelope: Envelope, to shard: Int) async throws(RedisError) -> Int {
        let result = await withCheckedContinuation { continuation in
            push(envelope.encoded(), to: shard) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    private func push(
        _ bytes: [UInt8], to shard: Int, _ completion: @escaping @Sendable (Result<Int, RedisError>) -> Void
    ) {
        redis.submit(RedisCommand("RPUSH", .init(keys.ingress(shard)), .init(bytes))) { result in
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
