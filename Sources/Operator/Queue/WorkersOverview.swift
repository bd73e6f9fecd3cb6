import Common

/// The workers at one moment.
struct WorkersOverview: Sendable {
    let alive: [(sign: WorkerSign, seen: Duration)]
    /// Those that fell silent without a good-bye, and since when.
    let silent: [(id: UUID, since: Timestamp)]

    init(_ sightings: [WorkerRegistry.Sighting]) {
        var alive: [(WorkerSign, Duration)] = []
        var silent: [(UUID, Timestamp)] = []
        for sighting in sightings {
            switch sighting {
            case .alive(let sign, let seen): alive.append((sign, seen))
            case .silent(let id, let since): silent.append((id, since))
            }
        }
        self.alive = alive
        self.silent = silent
    }

    var inHand: Int { alive.reduce(0) { $0 + $1.sign.inHand } }
    var places: Int { alive.reduce(0) { $0 + $1.sign.places } }
    /// Those that have given Twilio up for the moment.
    var withoutTwilio: Int { alive.count { $0.sign.breaker != .closed } }

    /// The part of an id that people need to tell one from another.
    static func short(_ id: UUID) -> String { String(id.description.prefix(8)) }

    var text: String {
        var lines = ["workers: \(alive.count) alive, \(inHand) of \(places) places taken"]
        if withoutTwilio > 0 { lines[0] += ", \(withoutTwilio) cannot reach Twilio" }
        for (id, since) in silent { lines.append("worker \(Self.short(id)) is silent since \(since.rfc3339)") }
        return lines.joined(separator: "\n")
    }

    var json: JSONValue {
        .array(
            alive.map { sign, seen in
                [
                    "id": .string(sign.id.description), "alive": true, "host": .string(sign.host),
                    "pid": .integer(sign.pid), "version": .string(sign.version),
                    "started_at": .string(sign.startedAt.rfc3339), "in_hand": .integer(sign.inHand),
                    "places": .integer(sign.places), "twilio_breaker": .string(sign.breaker.rawValue),
                    "seen_ms_ago": .integer(Int(seen.wholeMilliseconds)),
                ] as JSONValue
            }
                + silent.map { id, since in
                    [
                        "id": .string(id.description), "alive": false, "silent_since": .string(since.rfc3339),
                    ] as JSONValue
                })
    }
}
