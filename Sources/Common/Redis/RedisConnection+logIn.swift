extension RedisConnection {
    /// Logs in, selects the database and names the connection; gives back the server's run id where it may be asked for.
    ///
    /// A server that is loading its data or runs a long script answers PING with an error: it is not ready.
    func logIn(_ configuration: RedisConfiguration, until deadline: ContinuousClock.Instant) async throws(RedisError)
        -> String?
    {
        var commands: [RedisCommand] = []
        if let password = configuration.password {
            let user = configuration.username.map { [RedisArgument($0)] } ?? []
            commands.append(RedisCommand("AUTH", user + [RedisArgument(password.value)]))
        }
        if configuration.database != 0 { commands.append(RedisCommand("SELECT", .integer(configuration.database))) }
        commands.append(RedisCommand("PING"))
        let optional = [
            RedisCommand("CLIENT", "SETNAME", .text(configuration.clientName)), RedisCommand("INFO", "server"),
        ]
        let replies = try await send(commands + optional, until: deadline)
        for case .error(let text) in replies.prefix(commands.count) {
            // PING may be forbidden, which says that the server is up.
            let error = RedisError(reply: text)
            if error.serverPrefix != "NOPERM" {
                close(RedisError(.unavailable, error.description))
                throw error
            }
        }
        return replies.last?.string?.split(whereSeparator: \.isNewline)
            .first { $0.hasPrefix("run_id:") }.map { String($0.dropFirst("run_id:".count)) }
    }

    /// Sends commands together and gives back their replies; error replies are values.
    func send(
        _ commands: [RedisCommand], until deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> [RedisValue] {
        let result = await withCheckedContinuation { continuation in
            let batch = RedisBatch(commands.count) { continuation.resume(returning: $0) }
            for (index, command) in commands.enumerated() {
                send(
                    RedisPending(command: command, started: .now, deadline: deadline) { batch.complete(index, $0) })
            }
        }
        return try result.get()
    }
}
