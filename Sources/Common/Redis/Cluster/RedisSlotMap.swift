/// Which node serves which slot, as a node of the cluster told.
struct RedisSlotMap: Sendable {
    /// For each slot the index of its owner in `masters`, -1 for none.
    private var owners: [Int16]
    private(set) var masters: [RedisAddress] = []
    private(set) var replicas: [RedisAddress] = []
    /// Slots that nobody serves.
    private(set) var uncovered = RedisSlot.count

    /// Reads the reply to CLUSTER SLOTS: ranges of slots, each with its master and then its replicas.
    ///
    /// `host` stands in for the host of a node that does not know its own. Nil when the reply has another form.
    init?(_ reply: RedisValue, askedOf host: String) {
        guard let ranges = reply.array else { return nil }
        owners = Array(repeating: -1, count: RedisSlot.count)
        for range in ranges {
            guard
                let parts = range.array, parts.count >= 3, let first = parts[0].int, let last = parts[1].int,
                0 <= first, first <= last, last < RedisSlot.count,
                let master = Self.address(parts[2], host)
            else { return nil }
            let index = index(of: master)
            for slot in first...last { owners[slot] = index }
            for replica in parts.dropFirst(3) {
                if let address = Self.address(replica, host), !replicas.contains(address) { replicas.append(address) }
            }
        }
        uncovered = owners.count { $0 < 0 }
    }

    func owner(of slot: Int) -> RedisAddress? {
        owners[slot] < 0 ? nil : masters[Int(owners[slot])]
    }

    /// Whether the same nodes serve the same slots, in whatever order they were told.
    func isSame(as other: RedisSlotMap) -> Bool {
        Set(masters) == Set(other.masters) && Set(replicas) == Set(other.replicas)
            && (0..<RedisSlot.count).allSatisfy { owner(of: $0) == other.owner(of: $0) }
    }

    /// Gives one slot another owner; false when it was the owner before.
    mutating func move(_ slot: Int, to address: RedisAddress) -> Bool {
        if owner(of: slot) == address { return false }
        if owners[slot] < 0 { uncovered -= 1 }
        owners[slot] = index(of: address)
        return true
    }

    private mutating func index(of master: RedisAddress) -> Int16 {
        if let index = masters.firstIndex(of: master) { return Int16(index) }
        masters.append(master)
        return Int16(masters.count - 1)
    }

    private static func address(_ node: RedisValue, _ host: String) -> RedisAddress? {
        guard let parts = node.array, parts.count >= 2, let port = parts[1].int else { return nil }
        return RedisAddress(announced: parts[0].string, port: port, unknownHost: host)
    }
}
