/// Puts accepted messages on the queue: what `ingest` does and nothing else.
package final class QueueProducer: Sendable {
    package typealias Completion = @Sendable (Result<QueueAcceptance, RedisError>) -> Void

    /// An envelope that is to be accepted, and who waits for the answer.
    private struct Candidate: Sendable {
        let envelope: [UInt8]
        let sender: String
        let shard: Int
        /// Messages a minute; 0: any number.
        let allowance: Int
        let completion: Completion
    }

    /// So many are accepted in one call; as Redis does nothing else meanwhile, they are not many.
    private static let acceptedPerCall = 64

    private let redis: any RedisService
    private let functions: RedisFunctionLibrary
    private let keys: QueueKeys
    package let limits: QueueLimits
    /// What the reactor has not got to yet.
    private let candidates = Locked<[Candidate]>([])

    package init(redis: any RedisService, keys: QueueKeys, limits: QueueLimits = QueueLimits()) {
        self.redis = redis
        self.keys = keys
        self.limits = limits
        functions = RedisFunctionLibrary(redis: redis, source: .queue)
    }

    /// Pushes one envelope if its sender and the shard have room for it, from any thread.
    ///
    /// Messages have an allowance, delivery reports and events have none. Envelopes that are given before the reactor
    /// gets to them share a call, in their order. Where the function cannot run, they are pushed without it: a script
    /// never costs a message. On failure an envelope may still have arrived, unless the error says otherwise; a second
    /// push of the same message is dropped by its MessageSid.
    package func accept(_ envelope: Envelope, _ completion: @escaping Completion) {
        let candidate = Candidate(
            envelope: envelope.encoded(), sender: envelope.sender, shard: keys.shard(of: envelope.sender),
            allowance: envelope.kind == .message ? limits.allowancePerMinute : 0, completion: completion)
        let isFirst = candidates.withLock { candidates in
            candidates.append(candidate)
            return candidates.count == 1
        }
        if isFirst { redis.reactor.submit { self.acceptAll() } }
    }

    /// Pushes one envelope whatever its sender has sent already, and tells the length of its shard's ingress.
    package func push(_ envelope: Envelope, _ completion: @escaping @Sendable (Result<Int, RedisError>) -> Void) {
        push([envelope.encoded()], to: keys.shard(of: envelope.sender), completion)
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
            push([envelope.encoded()], to: shard) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    // MARK: -

    private func acceptAll() {
        let all = candidates.withLock { candidates in
            defer { candidates.removeAll(keepingCapacity: candidates.capacity <= 4 * Self.acceptedPerCall) }
            return candidates
        }
        let shards = keys.shards == 1 ? [0: all] : Dictionary(grouping: all, by: \.shard)
        for (shard, candidates) in shards {
            for first in stride(from: 0, to: candidates.count, by: Self.acceptedPerCall) {
                accept(Array(candidates[first...].prefix(Self.acceptedPerCall)), shard)
            }
        }
    }

    private func accept(_ candidates: [Candidate], _ shard: Int) {
        var arguments: [RedisArgument] = [
            .integer(limits.waitingPerSender), .integer(limits.waiting),
            .integer(Int(limits.dedupWindow.wholeMilliseconds)),
        ]
        arguments.reserveCapacity(arguments.count + 3 * candidates.count)
        for candidate in candidates {
            arguments.append(.bytes(candidate.envelope))
            arguments.append(.text(candidate.sender))
            arguments.append(.integer(candidate.allowance))
        }
        functions.submit("wa_accept_each", keys: [keys.prefix(shard)], arguments) { result in
            switch result {
            case .success(let reply):
                let answers = (reply.array ?? []).compactMap(\.int)
                guard answers.count == candidates.count else {
                    return Self.fail(candidates, RedisError(.unexpectedReply, "wa_accept_each answered not for each"))
                }
                for (candidate, answer) in zip(candidates, answers) {
                    candidate.completion(.success(QueueAcceptance(answer)))
                }
            // The server is there, and what it refuses is not the room: RPUSH may be all it can do.
            case .failure(let error) where error.serverPrefix != nil && !error.isOutOfMemory:
                self.push(candidates, shard, withoutFunction: error)
            case .failure(let error): Self.fail(candidates, error)
            }
        }
    }

    private func push(_ candidates: [Candidate], _ shard: Int, withoutFunction cause: RedisError) {
        push(candidates.map(\.envelope), to: shard) { result in
            switch result {
            case .success(let depth):
                for (index, candidate) in candidates.enumerated() {
                    let waiting = depth - candidates.count + index + 1
                    candidate.completion(.success(.accepted(waiting: waiting, withoutFunction: cause)))
                }
            case .failure(let error): Self.fail(candidates, error)
            }
        }
    }

    private static func fail(_ candidates: [Candidate], _ error: RedisError) {
        for candidate in candidates { candidate.completion(.failure(error)) }
    }

    private func push(
        _ envelopes: [[UInt8]], to shard: Int, _ completion: @escaping @Sendable (Result<Int, RedisError>) -> Void
    ) {
        redis.submit(RedisCommand("RPUSH", [.init(keys.ingress(shard))] + envelopes.map { .bytes($0) })) { result in
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
