import Common
import QueueModel
import Testing

extension QueueModelTests {
    /// The random walks find mistakes in the functions' text: proof that the comparison can fail.
    @Suite struct FunctionMutationTests {
        struct Mutation: Sendable, CustomStringConvertible {
            var description: String
            var text: String
            var mistake: String

            init(_ description: String, _ text: String, _ mistake: String) {
                (self.description, self.text, self.mistake) = (description, text, mistake)
            }
        }

        static let mutations = [
            Mutation("a settle with any fence", "if current ~= fence then", "if not current then"),
            Mutation("a settle that trims one too many", "'LTRIM', q, done, '-1'", "'LTRIM', q, done + 1, '-1'"),
            Mutation("a claim that leaves the ring", "'ready', #picked, -1", "'ready', 0, -1"),
            Mutation("a release that counts", "(giveback and 1 or 0)", "0"),
            Mutation(
                "a release that goes to the end", "spread('LPUSH', k .. 'ready', front)",
                "spread('RPUSH', k .. 'ready', front)"),
            Mutation(
                "reclaimed senders at the end", "'LPUSH', k .. 'ready', lapsed[i]", "'RPUSH', k .. 'ready', lapsed[i]"),
            Mutation("the ingress before the stage", "{ 'stage', 'in' }", "{ 'in', 'stage' }"),
            Mutation("buried one delivery too early", "deliveries > most_deliveries", "deliveries >= most_deliveries"),
            Mutation("one window of SIDs forgotten", "members({ this, last }, sids)", "members({ this }, sids)"),
            Mutation("a heartbeat that asks for no fence", "if current == args[i + 1] then", "if current then"),
            Mutation("a pause that only stops the draining", "if paused == 0 then", "if true then"),
            Mutation("a replay that is still a duplicate", "redis.call('SREM', this, sid, '!' .. sid)", ""),
            Mutation("a repair that leaves a holder in the ring", "local keep = holds and 0 or 1", "local keep = 1"),
            Mutation("a count of what waits that forgets the dead", "held + moved - buried", "held + moved"),
            Mutation("a state that is not stored", "redis.call('SET', k .. 'state:' .. sender, state, 'EX', ttl)", ""),
        ]

        @Test func aMistakeInTheFunctionsIsFound() async throws {
            try await withQueue { _, clients, queue, producer in
                _ = try await queue.stats(shard: 0)
                let library = try await clients[0].send(RedisCommand("FUNCTION", "LIST", "WITHCODE"))
                let fields = try #require(library.array?.first?.array)
                let place = try #require(fields.firstIndex { $0.string == "library_code" })
                let source = try #require(fields[place + 1].string)
                for mutation in Self.mutations {
                    #expect(source.contains(mutation.text), "\(mutation): the functions have another text now")
                    let mutated = source.replacing(mutation.text, with: mutation.mistake)
                    _ = try await clients[0].send(RedisCommand("FUNCTION", "LOAD", "REPLACE", .init(mutated)))
                    let walks = try await walksUntilDifference(clients[0], queue, producer)
                    #expect(walks != nil, "\(mutation) goes unnoticed")
                }
            }
        }

        /// How many walks it takes; nil when 40 are not enough.
        private func walksUntilDifference(
            _ redis: RedisClient, _ queue: QueueClient, _ producer: QueueProducer
        ) async throws -> Int? {
            for seed in 1...40 {
                var run = DifferentialRun(redis: redis, queue: queue, producer: producer, seed: UInt64(seed))
                run.keepsFunctions = true
                do {
                    try await run.walk(steps: DifferentialTests.stepsPerWalk) {}
                } catch is DifferentialRun.Difference {
                    return seed
                }
            }
            return nil
        }
    }
}
