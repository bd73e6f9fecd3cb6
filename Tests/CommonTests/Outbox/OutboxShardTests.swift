import Common
import Testing

@Suite struct OutboxShardTests {
    /// Vectors of http://www.isthe.com/chongo/src/fnv/test_fnv.c.
    @Test(
        arguments: [
            ("", 0xCBF2_9CE4_8422_2325), ("a", 0xAF63_DC4C_8601_EC8C), ("foobar", 0x8594_4171_F739_67E8),
        ] as [(String, UInt64)])
    func theHashIsThePublishedOne(text: String, hash: UInt64) {
        #expect(FNV1a.hash64(text.utf8) == hash)
    }

    /// Changing a shard would publish one person's events in two orders.
    @Test func aKeyKeepsItsShardForEver() {
        #expect(OutboxShard.of("foobar") == Int(0x8594_4171_F739_67E8 % 64 as UInt64))
        #expect(OutboxShard.of("00000000-0000-7000-8000-000000000000") == 62)
    }

    @Test func usersSpreadEvenly() {
        var counts = [Int](repeating: 0, count: OutboxShard.count)
        for _ in 0..<6400 { counts[OutboxShard.of(UUID.timeOrdered().description)] += 1 }
        #expect(counts.allSatisfy { (50...160).contains($0) }, "\(counts)")
    }
}
