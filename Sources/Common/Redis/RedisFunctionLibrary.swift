/// Functions of ours that Redis runs, each as one step; a server that does not have them is given them.
///
/// Before the first call, and again after the connection failed, the server's revision is asked for: see
/// `RedisFunctionLoading`. A server without FUNCTION and FCALL (before 7.0, renamed, forbidden by an ACL) is given the
/// same text as a script. Calls that are given meanwhile wait, and then leave in the order in which they came.
package final class RedisFunctionLibrary: Sendable {
    package typealias Completion = @Sendable (Result<RedisValue, RedisError>) -> Void

    private struct Call: Sendable {
        let number: Int
        let function: String
        let keys: [String]
        let arguments: [RedisArgument]
        let deadline: ContinuousClock.Instant
        let leavesAtOnce: Bool
        let completion: Completion
        var isRepeated = false

        func command(_ form: RedisFunctionForm) -> RedisCommand {
            let head: [RedisArgument] = [.integer(keys.count)] + keys.map { .text($0) }
            var command =
                switch form {
                case .function: RedisCommand("FCALL", pieces: [[.text(function)], head, arguments])
                case .script(let sha):
                    RedisCommand("EVALSHA", pieces: [[.text(sha)], head, arguments, [.text(function)]])
                }
            command.leavesAtOnce = leavesAtOnce
            return command
        }
    }

    /// What is known of the server that has a key.
    private struct Place {
        var form: RedisFunctionForm?
        var isLoading = false
        var waiting: [Call] = []
    }

    private struct State {
        var lastNumber = 0
        /// By the calls' first key, of which there are as many as shards.
        var places: [String: Place] = [:]
    }

    private let redis: any RedisService
    private let source: RedisFunctionSource
    private let limit: Duration
    private let state = Locked(State())

    /// `limit` counts for a call from when it is given, what had to be loaded for it included.
    package init(redis: any RedisService, source: RedisFunctionSource, limit: Duration = .seconds(2)) {
        self.redis = redis
        self.source = source
        self.limit = limit
    }

    /// Calls a function from any thread, without a task.
    ///
    /// `keys` has at least one, all in one hash slot. With `atOnce` it does not wait for the end of the reactor's turn
    /// to be written. An error reply is a failure. `completion` is called once, on the reactor's thread, and must not
    /// block it.
    package func submit(
        _ function: String, keys: [String], _ arguments: [RedisArgument], atOnce: Bool = false,
        _ completion: @escaping Completion
    ) {
        let deadline = ContinuousClock.now + limit
        @Sendable func give() {
            let number = state.withLock { state in
                state.lastNumber += 1
                return state.lastNumber
            }
            submit(
                Call(
                    number: number, function: function, keys: keys, arguments: arguments, deadline: deadline,
                    leavesAtOnce: atOnce, completion: completion))
        }
        // Between looking how calls are made and making this one no reply must change it: the next call would overtake.
        if redis.reactor.isCurrentThread { give() } else { redis.reactor.submit { give() } }
    }

    /// Calls a function and gives back its reply; an error reply is thrown.
    package func call(
        _ function: String, keys: [String], _ arguments: [RedisArgument], atOnce: Bool = false
    ) async throws(RedisError) -> RedisValue {
        let result = await withCheckedContinuation { continuation in
            submit(function, keys: keys, arguments, atOnce: atOnce) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Calls a function several times, in one write.
    package func call(
        _ function: String, _ calls: [(keys: [String], arguments: [RedisArgument])]
    ) async -> [Result<RedisValue, RedisError>] {
        if calls.isEmpty { return [] }
        return await withCheckedContinuation { continuation in
            let answers = Locked<[Int: Result<RedisValue, RedisError>]>([:])
            for (index, call) in calls.enumerated() {
                submit(function, keys: call.keys, call.arguments) { result in
                    let all = answers.withLock { answers in
                        answers[index] = result
                        return answers.count == calls.count ? answers.sorted { $0.key < $1.key }.map(\.value) : nil
                    }
                    if let all { continuation.resume(returning: all) }
                }
            }
        }
    }

    // MARK: -

    private func submit(_ call: Call) {
        let key = call.keys.first ?? ""
        let (form, mustLoad): (RedisFunctionForm?, Bool) = state.withLock { state in
            var place = state.places[key] ?? Place()
            defer { state.places[key] = place }
            // Something that waits already goes first.
            if let form = place.form, !place.isLoading { return (form, false) }
            place.waiting.append(call)
            defer { place.isLoading = true }
            return (nil, !place.isLoading)
        }
        if let form { send(call, form) }
        if mustLoad { load(key) }
    }

    private func send(_ call: Call, _ form: RedisFunctionForm) {
        let rest = call.deadline - .now
        guard rest > .zero else {
            return call.completion(.failure(RedisError(.unavailable, "the functions could not be loaded in time")))
        }
        redis.submit(call.command(form), within: rest) { result in self.receive(result, of: call) }
    }

    private func receive(_ result: Result<RedisValue, RedisError>, of call: Call) {
        guard case .failure(let error) = result else { return call.completion(result) }
        let mustLoad = error.isMissingFunction || error.isUnsupportedCommand
        if mustLoad || error.serverPrefix == nil { forget(call.keys.first ?? "") }
        guard mustLoad, !call.isRepeated else { return call.completion(result) }
        var again = call
        again.isRepeated = true
        submit(again)
    }

    /// Another server may answer next time.
    private func forget(_ key: String) { state.withLock { $0.places[key]?.form = nil } }

    private func load(_ key: String) {
        RedisFunctionLoading(redis: redis, source: source, key: key, limit: limit).start { result in
            switch result {
            case .success(let form): self.resume(key, form)
            case .failure(let error): for call in self.take(key, nil) { call.completion(.failure(error)) }
            }
        }
    }

    /// Sends what waits, and what comes to wait meanwhile, before anything that is given later.
    private func resume(_ key: String, _ form: RedisFunctionForm) {
        var calls = take(key, form)
        while !calls.isEmpty {
            for call in calls { send(call, form) }
            calls = take(key, form)
        }
    }

    /// What waits, in the order in which it was given; the place is open when there is nothing, or on a failure.
    private func take(_ key: String, _ form: RedisFunctionForm?) -> [Call] {
        state.withLock { state in
            let waiting = state.places[key]?.waiting ?? []
            state.places[key] = Place(form: form, isLoading: form != nil && !waiting.isEmpty)
            return waiting.sorted { $0.number < $1.number }
        }
    }
}
