/// An error reply by which a node of a cluster says that it did not execute a command, which is to be sent again.
///
/// https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#redirection-and-resharding
enum RedisRefusal: Hashable, Sendable {
    /// The slot is another node's, from now on.
    case moved(slot: Int, RedisAddress)
    /// The slot is on its way to another node, which is to be asked this once.
    case ask(RedisAddress)
    /// The slot is on its way, and the keys of the command are on both nodes.
    case tryAgain
    /// The node cannot serve now: the cluster is down for it, it loads its data, or it has become a replica.
    case notNow

    /// Nil for an error that is the command's own; `host` stands in for one that the node does not know.
    init?(reply text: String, from host: String) {
        // What a script met on its way says nothing about what it did before.
        guard !text.contains("script: ") else { return nil }
        let words = text.split(separator: " ", maxSplits: 3)
        switch words.first {
        case "MOVED":
            guard words.count >= 3, let slot = Int(words[1]), (0..<RedisSlot.count).contains(slot),
                let address = RedisAddress(announced: words[2], unknownHost: host)
            else { return nil }
            self = .moved(slot: slot, address)
        case "ASK":
            guard words.count >= 3, let address = RedisAddress(announced: words[2], unknownHost: host) else {
                return nil
            }
            self = .ask(address)
        case "TRYAGAIN": self = .tryAgain
        case "CLUSTERDOWN", "LOADING", "MASTERDOWN", "READONLY", "UNBLOCKED": self = .notNow
        case _: return nil
        }
    }
}
