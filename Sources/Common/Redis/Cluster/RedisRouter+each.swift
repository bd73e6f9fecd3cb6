extension RedisRouter {
    /// Sends one command to the lone server, or to every master one after the other; one that fails is thrown.
    ///
    /// `limit` counts for each of them.
    package func sendToEach(
        _ command: RedisCommand, within limit: Duration?
    ) async throws(RedisError) -> [RedisValue] {
        guard let map else { return [try await send(command, within: limit)] }
        var replies: [RedisValue] = []
        for master in map.masters { replies.append(try await node(at: master).send(command, within: limit)) }
        return replies
    }
}
