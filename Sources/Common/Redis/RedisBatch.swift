/// The replies of commands that were given together.
///
/// `@unchecked Sendable`: after it is made, replies come one after the other, on the reactor's thread.
final class RedisBatch: @unchecked Sendable {
    private var values: [RedisValue]
    private var failures: [RedisError] = []
    private var missing: Int
    private let whenComplete: (Result<[RedisValue], RedisError>) -> Void

    init(_ count: Int, _ whenComplete: @escaping (Result<[RedisValue], RedisError>) -> Void) {
        values = Array(repeating: .null, count: count)
        missing = count
        self.whenComplete = whenComplete
    }

    func complete(_ index: Int, _ result: Result<RedisValue, RedisError>) {
        switch result {
        case .success(let value): values[index] = value
        case .failure(let error): failures.append(error)
        }
        missing -= 1
        if missing == 0 { whenComplete(outcome) }
    }

    /// All replies, or one error; it is `unavailable` only when none of the commands can have been executed.
    private var outcome: Result<[RedisValue], RedisError> {
        guard let first = failures.first else { return .success(values) }
        if let uncertain = failures.first(where: { !$0.isProvablyNotSent }) { return .failure(uncertain) }
        if failures.count == values.count { return .failure(first) }
        return .failure(RedisError(.connectionLost, first.description))
    }
}
