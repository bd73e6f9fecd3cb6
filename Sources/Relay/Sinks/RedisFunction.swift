import Common

/// A function of a library of ours that Redis is given when it does not have it.
///
/// A server without FUNCTION (before 7.0, or with the command taken away) is given the library's text as a script: that
/// text must end the script's way when `redis.register_function` is not there.
struct RedisFunction: Sendable {
    private enum Form: Sendable {
        case function
        case script(sha: String)
    }

    let redis: RedisClient
    let name: String
    /// Lua, its first line `#!lua name=…`.
    let library: [UInt8]
    let limit: Duration
    private let form = Locked(Form.function)

    init(redis: RedisClient, name: String, library: [UInt8], limit: Duration) {
        self.redis = redis
        self.name = name
        self.library = library
        self.limit = limit
    }

    /// Makes calls together, in one write; those that found no function are made once more, after loading it.
    func call(
        _ calls: [(keys: [String], arguments: [RedisArgument])]
    ) async throws(RedisError) -> [Result<RedisValue, RedisError>] {
        var replies = try await send(calls)
        var missing: [Int] = []
        var isUnsupported = false
        for (index, reply) in replies.enumerated() {
            switch Self.trouble(reply) {
            case .missing: missing.append(index)
            case .unsupported:
                missing.append(index)
                isUnsupported = true
            case nil: break
            }
        }
        if missing.isEmpty { return replies }
        try await load(asScript: isUnsupported)
        for (index, reply) in zip(missing, try await send(missing.map { calls[$0] })) { replies[index] = reply }
        return replies
    }

    private enum Trouble { case missing, unsupported }

    private static func trouble(_ reply: Result<RedisValue, RedisError>) -> Trouble? {
        guard case .failure(let error) = reply else { return nil }
        if error.serverPrefix == "NOSCRIPT" || error.description.contains("Function not found") { return .missing }
        return error.description.contains("unknown command") ? .unsupported : nil
    }

    private func send(
        _ calls: [(keys: [String], arguments: [RedisArgument])]
    ) async throws(RedisError) -> [Result<RedisValue, RedisError>] {
        let (command, called): (String, String) =
            switch form.withLock({ $0 }) {
            case .function: ("FCALL", name)
            case .script(let sha): ("EVALSHA", sha)
            }
        let commands = calls.map { call in
            RedisCommand(
                command,
                [.text(called), .integer(call.keys.count)] + call.keys.map { .text($0) } + call.arguments)
        }
        return try await redis.send(commands, within: limit).map { value in
            if case .error(let text) = value { .failure(RedisError(reply: text)) } else { .success(value) }
        }
    }

    private func load(asScript: Bool) async throws(RedisError) {
        let isScript =
            switch form.withLock({ $0 }) {
            case .function: asScript
            case .script: true
            }
        guard isScript else {
            _ = try await redis.send(RedisCommand("FUNCTION", "LOAD", "REPLACE", .bytes(library)), within: limit)
            return
        }
        let text = Array(library.drop { $0 != UInt8(ascii: "\n") })
        guard let sha = try await redis.send(RedisCommand("SCRIPT", "LOAD", .bytes(text)), within: limit).string else {
            throw RedisError(.unexpectedReply, "SCRIPT LOAD answered no digest")
        }
        form.withLock { $0 = .script(sha: sha) }
    }
}
