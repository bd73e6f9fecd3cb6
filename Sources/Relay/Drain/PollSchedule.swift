/// How long to wait before all shards are looked at again without a hint: 20 ms, doubling to a second.
///
/// Only events that no wake-up announced bring it back to 20 ms: while hints arrive, polling is not what delivers.
struct PollSchedule: Hashable, Sendable {
    static let shortest: Duration = .milliseconds(20)
    static let longest: Duration = .seconds(1)

    private(set) var pause = shortest

    init() {}

    /// Notes whether a look at all shards found events that no hint had announced.
    mutating func looked(foundUnannounced: Bool) {
        pause = foundUnannounced ? Self.shortest : min(pause * 2, Self.longest)
    }
}
