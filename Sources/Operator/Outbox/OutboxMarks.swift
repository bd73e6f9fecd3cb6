import Common

/// The marks beside a stream: the sequence of the last event added, of each shard, for one log.
struct OutboxMarks: Sendable {
    let redis: any RedisService
    let keys: OutboxStreamKeys
    let log: UUID

    private var key: RedisArgument { .text(keys.marks(of: log)) }

    /// Where the stream stands in a shard.
    struct Mark: Sendable {
        var sequence: Int64
        /// Of the event with that number; nil where nobody wrote it down.
        var id: String?
    }

    /// All of them; a shard without one has no event in the stream.
    func read() async throws(RedisError) -> [Int: Mark] {
        let words = try await redis.send(RedisCommand("HGETALL", key)).array?.compactMap(\.string) ?? []
        var fields: [String: String] = [:]
        for index in stride(from: 0, to: words.count - 1, by: 2) { fields[words[index]] = words[index + 1] }
        var marks: [Int: Mark] = [:]
        for (name, value) in fields {
            guard let shard = Int(name), let sequence = Int64(value) else { continue }
            // With the mark it belongs to: one that was moved by hand has none.
            let id = fields[name + ":id"].flatMap { $0.hasPrefix(value + " ") ? $0.dropFirst(value.count + 1) : nil }
            marks[shard] = Mark(sequence: sequence, id: id.map { String($0) })
        }
        return marks
    }

    /// The places in the stream after which events may come again because someone decided so, oldest first.
    ///
    /// Between two of them an event is in the stream once at most.
    func boundaries() async throws(RedisError) -> [StreamID] {
        let text = try await redis.send(RedisCommand("HGET", key, .text(Self.boundaryField))).string ?? ""
        return text.split(separator: ",").compactMap { StreamID($0) }
    }

    /// Where the stream ended when this log began in place of another; before it are events of that one.
    func beginning() async throws(RedisError) -> StreamID? {
        try await redis.send(RedisCommand("HGET", key, .text(Self.beginningField))).string.flatMap { StreamID($0) }
    }

    /// Lowers marks to those given, where they are higher, and notes the end of the stream as a boundary.
    func lower(to marks: [Int: Int64]) async throws(RedisError) { try await change(marks, onlyDown: true) }

    /// Sets the marks of a new log, and notes the end of the stream as its beginning.
    func begin(at marks: [Int: Int64]) async throws(RedisError) { try await change(marks, onlyDown: false) }

    /// In one step: what a relay adds meanwhile is before all of it or after.
    private func change(_ marks: [Int: Int64], onlyDown: Bool) async throws(RedisError) {
        let arguments = marks.sorted { $0.key < $1.key }
            .flatMap { [RedisArgument.integer($0.key), .text(String($0.value))] }
        _ = try await redis.send(
            RedisCommand(
                "EVAL",
                [
                    .text(Self.script), 2, .text(keys.stream), key, .text(Self.boundaryField),
                    .integer(Self.boundaryLimit), .text(onlyDown ? "" : Self.beginningField),
                ] + arguments))
    }

    private static let (boundaryField, beginningField) = ("boundaries", "beginning")
    /// How many are remembered.
    private static let boundaryLimit = 100
    private static let script = """
        local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
        if last then
          local places = {}
          for place in (redis.call('HGET', KEYS[2], ARGV[1]) or ''):gmatch('[^,]+') do places[#places + 1] = place end
          places[#places + 1] = last[1]
          while #places > tonumber(ARGV[2]) do table.remove(places, 1) end
          redis.call('HSET', KEYS[2], ARGV[1], table.concat(places, ','))
          if ARGV[3] ~= '' then redis.call('HSET', KEYS[2], ARGV[3], last[1]) end
        end
        for i = 4, #ARGV, 2 do
          local mark = tonumber(redis.call('HGET', KEYS[2], ARGV[i]) or '0')
          if ARGV[3] ~= '' or mark > tonumber(ARGV[i + 1]) then redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
        end
        """

    /// Forgets all of them.
    func delete() async throws(RedisError) { _ = try await redis.send(RedisCommand("DEL", key)) }
}

extension PostgresClient {
    /// Which log this is.
    func logID() async throws(PostgresError) -> UUID {
        let sql: SQL = "SELECT log_id FROM outbox_meta"
        guard let row = try await unit(sql.named("operator_log")).rows.first else {
            throw PostgresError(.undecodable, "outbox_meta has no row: was the schema migrated?")
        }
        return try row.column(0)
    }
}
