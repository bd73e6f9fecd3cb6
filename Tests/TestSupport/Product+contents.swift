import Common
import Glibc
import Logging
import Subprocess
import SystemPackage

/// Something that was kept somewhere, and where.
package struct Kept: Hashable, Sendable {
    package var place: String
    package var text: String

    package init(place: String, text: String) {
        self.place = place
        self.text = text
    }
}

extension Product {
    /// All that the service has kept or said: the whole database, every key and value of Redis, what every process
    /// and server wrote to its log.
    package func contents() async throws -> [Kept] {
        var contents = [Kept(place: "the database", text: try await postgres.dump(database: database))]
        contents += try await redisContents()
        for program in Program.allCases where access(log(program), R_OK) == 0 {
            contents.append(Kept(place: "the log of \(program.rawValue)", text: try Self.file(log(program))))
        }
        contents.append(
            Kept(place: "the log of Postgres", text: try Self.file(postgres.directory + "/postgres.log")))
        return contents
    }

    private func redisContents() async throws -> [Kept] {
        let reactor = Reactor(name: "contents")
        defer { reactor.stop() }
        let client = RedisClient(
            try RedisConfiguration(url: Secret(redis.url)), reactor: reactor, logger: Logger(label: "test"))
        return try await withThrowingTaskGroup { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            try await client.ready(within: .seconds(5))
            var contents: [Kept] = []
            for key in try await client.send(RedisCommand("KEYS", "*")).array?.compactMap(\.string) ?? [] {
                let name = RedisArgument(key)
                let type = try await client.send(RedisCommand("TYPE", name)).string ?? ""
                let command =
                    switch type {
                    case "string": RedisCommand("GET", name)
                    case "list": RedisCommand("LRANGE", name, "0", "-1")
                    case "hash": RedisCommand("HGETALL", name)
                    case "set": RedisCommand("SMEMBERS", name)
                    case "zset": RedisCommand("ZRANGE", name, "0", "-1", "WITHSCORES")
                    case "stream": RedisCommand("XRANGE", name, "-", "+")
                    // Gone meanwhile.
                    case "none", "": RedisCommand("EXISTS", name)
                    case let type: throw HarnessError("no way to read a \(type) of Redis is known here")
                    }
                contents.append(
                    Kept(place: "Redis' \(key)", text: key + "\n" + Self.texts(in: try await client.send(command))))
            }
            return contents
        }
    }

    private static func texts(in value: RedisValue) -> String {
        switch value {
        case .null: ""
        case .integer(let number): "\(number)"
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text), .error(let text): text
        case .array(let values): values.map(texts).joined(separator: "\n")
        }
    }

    private static func file(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw HarnessError("cannot read \(path)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer.prefix(count) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension PostgresServer {
    /// Everything in a database, as SQL that would make it again; bytes are in hexadecimal.
    package func dump(database: String) async throws -> String {
        let result = try await run(
            .path(FilePath(try Self.programs() + "/pg_dump")), arguments: ["--inserts", "-d", url(database: database)],
            output: .string(limit: 50_000_000), error: .string(limit: 100_000))
        guard result.terminationStatus.isSuccess else { throw HarnessError("pg_dump: \(result.standardError)") }
        return result.standardOutput
    }
}
