import Common
import Subprocess
import SystemPackage
import TestSupport

/// Everything that a product's Postgres and Redis hold, as text to be looked through.
struct TraceSearch: Sendable {
    /// A line for each row and each value, with where it is.
    let lines: [String]

    init(_ product: Product) async throws {
        lines = try await Self.rows(product) + Self.values(product)
    }

    /// Where any of `words` stands: as it is, percent-encoded, or as the bytes of a `bytea`; in whatever case.
    func places(of words: [String]) -> [String] {
        let forms = words.flatMap { word -> [String] in
            let bytes = Array(word.utf8)
            let encoded = String(decoding: FormParameters.encode([("", word)]), as: UTF8.self).dropFirst()
            let form = Array(encoded.utf8)
            return [word.lowercased(), encoded.lowercased(), bytes.hex, form.hex]
        }
        return lines.filter { line in
            let lower = line.lowercased()
            return forms.contains { lower.contains($0) }
        }
    }

    /// As `places`, without allowances: those of a message that came by itself a moment ago are gone within a minute.
    func lasting(of words: [String]) -> [String] { places(of: words).filter { !$0.hasPrefix("redis: {wa:0}:rate:") } }

    private static func rows(_ product: Product) async throws -> [String] {
        let result = try await run(
            .path(FilePath(PostgresServer.programs() + "/pg_dump")),
            arguments: ["--data-only", "--inserts", "-d", product.postgres.url(database: product.database)],
            output: .string(limit: 50_000_000), error: .string(limit: 100_000))
        guard result.terminationStatus.isSuccess else { throw HarnessError("pg_dump: \(result.standardError)") }
        return result.standardOutput.split(separator: "\n").map { "postgres: \($0)" }
    }

    private static func values(_ product: Product) async throws -> [String] {
        var lines: [String] = []
        let keys = try await product.redisCommand("KEYS", "*").array?.compactMap(\.string) ?? []
        for key in keys {
            let type = try await product.redisCommand("TYPE", .init(key)).string ?? ""
            let value: RedisValue
            switch type {
            case "string": value = try await product.redisCommand("GET", .init(key))
            case "list": value = try await product.redisCommand("LRANGE", .init(key), 0, -1)
            case "hash": value = try await product.redisCommand("HGETALL", .init(key))
            case "set": value = try await product.redisCommand("SMEMBERS", .init(key))
            case "zset": value = try await product.redisCommand("ZRANGE", .init(key), 0, -1, "WITHSCORES")
            case "stream": value = try await product.redisCommand("XRANGE", .init(key), "-", "+")
            case "none": continue
            case let other: throw HarnessError("a key of type \(other)")
            }
            lines.append("redis: \(key)")
            lines += texts(value).map { "redis: \(key): \($0)" }
        }
        return lines
    }

    private static func texts(_ value: RedisValue) -> [String] {
        switch value {
        case .null: []
        case .integer(let number): ["\(number)"]
        case .bytes(let bytes): [String(decoding: bytes, as: UTF8.self)]
        case .status(let text), .error(let text): [text]
        case .array(let values): values.flatMap(texts)
        }
    }
}
