import Common
import TestSupport
import Testing

@Suite struct ServedShardsTests {
    @Test(arguments: [
        ("0-31", Array(0...31)), ("3", [3]), ("5,1-2", [1, 2, 5]), ("0-63", Array(0...63)), ("1-3, 2-4", [1, 2, 3, 4]),
    ])
    func aListIsRead(text: String, numbers: [Int]) {
        let served = ServedShards(text, of: 64)
        #expect(served?.numbers == numbers)
        #expect(served?.areAll == (numbers.count == 64))
    }

    @Test(arguments: ["", ",", "64", "3-1", "0-64", "a", "1-", "-1", "1--2", "1-2-3", "99999999999999999999"])
    func whatIsNoListOfShardsIsRefused(text: String) { #expect(ServedShards(text, of: 64) == nil) }

    @Test func theNextDatabaseIsFoundAndTheLastIsFollowedByTheFirst() {
        #expect(ServedShards(all: 64).next == nil)
        #expect(ServedShards("0-31", of: 64)?.next == 32)
        #expect(ServedShards("32-63", of: 64)?.next == 0)
        #expect(ServedShards("0,62-63", of: 64)?.next == 1)
    }

    /// From wherever an event starts, the way from database to database comes to all of them.
    @Test func goingOnComesToEveryDatabase() throws {
        var random = SplitMix64(seed: 20_261_123)
        for _ in 0..<200 {
            let total = Int.random(in: 2...64, using: &random)
            let cuts = (0..<Int.random(in: 1..<min(total, 8), using: &random)).map { _ in
                Int.random(in: 1..<total, using: &random)
            }
            let starts = Array(Set(cuts + [0])).sorted()
            let databases = try zip(starts, starts.dropFirst() + [total]).map { first, end in
                try #require(ServedShards("\(first)-\(end - 1)", of: total))
            }
            var visited: Set<Int> = []
            var place = 0
            for _ in databases {
                visited.insert(place)
                guard let next = databases[place].next else { break }
                place = try #require(databases.firstIndex { $0.contains(next) })
            }
            #expect(visited.count == databases.count)
        }
    }

    @Test func replyIdsAreDrawnUntilTheirReportsAreHandledHere() throws {
        let keys = QueueKeys(try #require(ServedShards("5-8", of: 64)))
        for _ in 0..<50 { #expect((5...8).contains(keys.shard(of: "status:\(keys.newReplyID())"))) }
        let whole = QueueKeys(shards: 64)
        #expect(whole.serves("whatsapp:+447700900123") && whole.servesReports(of: .random()))
    }

    @Test func aListThatNamesNoShardIsAProblemOfTheConfiguration() {
        var values = ConfigurationValues(environment: ["QUEUE_SHARDS": "8", "QUEUE_SERVED_SHARDS": "0-8"])
        _ = QueueConfiguration(reading: &values)
        #expect {
            try values.check()
        } throws: { "\($0)".contains("QUEUE_SERVED_SHARDS: expected shards of the queue, from 0 to 7") }
    }
}
