/// What a worker tells of itself, for those who look after it.
package struct WorkerSign: Hashable, Sendable {
    /// Whether it believes that Twilio can be reached.
    package enum Breaker: String, Hashable, Sendable {
        case closed
        case halfOpen = "half_open"
        case open
    }

    /// Made anew at every start.
    package var id: UUID
    package var host: String
    package var pid: Int
    package var version: String
    package var startedAt: Timestamp
    /// Senders it has in work, and how many it may have at once.
    package var inHand: Int
    package var places: Int
    package var breaker: Breaker

    package init(
        id: UUID, host: String, pid: Int, version: String, startedAt: Timestamp, inHand: Int, places: Int,
        breaker: Breaker
    ) {
        self.id = id
        self.host = host
        self.pid = pid
        self.version = version
        self.startedAt = startedAt
        self.inHand = inHand
        self.places = places
        self.breaker = breaker
    }

    /// As it is kept in Redis.
    var json: JSONValue {
        [
            "host": .string(host), "pid": .integer(pid), "version": .string(version),
            "started_ms": .integer(Int(startedAt.milliseconds)), "in_hand": .integer(inHand),
            "places": .integer(places), "breaker": .string(breaker.rawValue),
        ]
    }

    /// Reads what `json` wrote; nil for what another release wrote otherwise.
    init?(id: UUID, json bytes: [UInt8]) {
        guard let value = JSONValue(parsing: bytes), let host = value["host"]?.string,
            case .integer(let pid)? = value["pid"], let version = value["version"]?.string,
            case .integer(let started)? = value["started_ms"], case .integer(let inHand)? = value["in_hand"],
            case .integer(let places)? = value["places"],
            let breaker = value["breaker"]?.string.flatMap(Breaker.init)
        else { return nil }
        self.init(
            id: id, host: host, pid: pid, version: version,
            startedAt: Timestamp(microseconds: Int64(started) * 1000), inHand: inHand, places: places,
            breaker: breaker)
    }
}
