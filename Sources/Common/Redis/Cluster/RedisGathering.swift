/// A command that all masters have to execute, and what they said so far.
struct RedisGathering {
    private var missing: Int
    private var result: Result<RedisValue, RedisError>?
    private let whenComplete: @Sendable (Result<RedisValue, RedisError>) -> Void

    init(missing: Int, complete: @escaping @Sendable (Result<RedisValue, RedisError>) -> Void) {
        self.missing = missing
        whenComplete = complete
    }

    /// Takes one more reply: the first counts, unless one of them is an error; gives back how to end, with the last.
    mutating func add(_ new: Result<RedisValue, RedisError>) -> (@Sendable () -> Void)? {
        missing -= 1
        let kept = result.map { Self.hasFailed($0) || !Self.hasFailed(new) ? $0 : new } ?? new
        result = kept
        guard missing == 0 else { return nil }
        return { [whenComplete] in whenComplete(kept) }
    }

    private static func hasFailed(_ result: Result<RedisValue, RedisError>) -> Bool {
        switch result {
        case .failure, .success(.error): true
        case .success: false
        }
    }
}
