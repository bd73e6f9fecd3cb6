import Testing

@testable import Relay

@Suite struct ShardLanesTests {
    @Test(arguments: 0...200) func eachShardIsInOneLane(count: Int) {
        let lanes = ShardLanes.split(Array(0..<count))
        #expect(lanes.flatMap { $0 } == Array(0..<count))
        #expect((1...ShardLanes.most).contains(lanes.count))
        let lengths = lanes.map(\.count)
        #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 1)
        #expect(lanes.count == 1 || lengths.allSatisfy { $0 >= ShardLanes.fewest })
    }

    @Test func aRelayThatHoldsAllHasAllLanes() {
        #expect(ShardLanes.split(Array(0..<64)).count == ShardLanes.most)
    }
}
