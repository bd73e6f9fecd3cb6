import Common

/// One sink, as the log knows it.
struct SinkFacts: Hashable, Sendable {
    var name: String
    /// RELAY_SINKS names it.
    var isWanted = true
    var relays = 1
    var unowned = 0
    var pending = 0
    var lag: Duration = .zero
    var parked = 0
    var dead = 0
    /// Why it was switched off; nil when it was not.
    var disabled: String?
}

/// Whether somebody publishes, and fast enough.
struct RelaysCheck: DoctorCheck {
    static let name = "relays"
    let sinks: [SinkFacts]
    /// The sinks of RELAY_SINKS.
    let wanted: [String]
    let lagLimit: Duration

    var findings: [Finding] {
        var found: [Finding] = []
        for name in wanted where !sinks.contains(where: { $0.name == name }) {
            found.append(
                .warning(
                    "the log does not know the sink \(name): no relay has started with it",
                    mend: "start a relay with RELAY_SINKS=\(wanted.joined(separator: ","))"))
        }
        for sink in sinks where sink.isWanted && sink.disabled == nil {
            if sink.relays == 0 {
                let text =
                    "no relay serves the sink \(sink.name)"
                    + (sink.pending > 0 ? ", and \(sink.pending) events wait" : "")
                let mend = "start a relay with \(sink.name) in RELAY_SINKS"
                found.append(sink.pending > 0 ? .problem(text, mend: mend) : .warning(text, mend: mend))
            } else if sink.lag > lagLimit {
                found.append(
                    .problem(
                        "the sink \(sink.name) is \(Output.age(sink.lag)) behind, \(sink.pending) events wait",
                        mend:
                            "operator outbox stats, and the relay's warnings: is the sink away, or a transaction open?")
                )
            } else if sink.unowned > 0 {
                found.append(
                    .warning(
                        "\(sink.unowned) shards of \(sink.name) belong to no relay",
                        mend: "wait RELAY_LEASE_SECONDS: living relays take them"))
            }
        }
        return found.orOK(sinks.isEmpty ? "no sink" : "\(sinks.count) sinks, none is behind")
    }
}

/// Whether sinks refuse events.
struct ParkedCheck: DoctorCheck {
    static let name = "parked"
    let sinks: [SinkFacts]

    var findings: [Finding] {
        sinks.compactMap { sink in
            guard sink.parked + sink.dead > 0 else { return nil }
            return .warning(
                "\(sink.name): \(sink.parked) events are parked, \(sink.dead) dead",
                mend:
                    "operator outbox list --sink \(sink.name) --state \(sink.dead > 0 ? "dead" : "parked") shows them; mend the cause, then operator outbox retry"
            )
        }
        .orOK("none")
    }
}

/// Whether every sink that the log knows is in use.
struct SinksCheck: DoctorCheck {
    static let name = "sinks"
    let sinks: [SinkFacts]

    var findings: [Finding] {
        sinks.compactMap { sink in
            if let reason = sink.disabled {
                return .problem(
                    "the sink \(sink.name) is switched off: \(reason)",
                    mend: "ask its owner, then operator outbox enable --sink \(sink.name)")
            }
            if !sink.isWanted {
                return .warning(
                    "the log keeps its events for the sink \(sink.name), which RELAY_SINKS does not name",
                    mend: "add it to RELAY_SINKS, or operator outbox forget --sink \(sink.name)")
            }
            return nil
        }
        .orOK("all of RELAY_SINKS, none switched off")
    }
}

/// Whether the stream has events that the log does not have: the database went back in time.
struct HistoryCheck: DoctorCheck {
    static let name = "history"
    /// Shards of the stream that are ahead of the log.
    let ahead: Int

    var findings: [Finding] {
        guard ahead > 0 else { return [.ok("log and stream are of one history")] }
        return [
            .problem(
                "\(ahead) shards of the stream are ahead of the log: the database was restored, and nothing is published",
                mend:
                    "make sure that it is the database you mean to go on with, then operator outbox accept-restore --dry-run"
            )
        ]
    }
}

/// Whether the log has a partition for tomorrow, and lets old ones go.
struct PartitionsCheck: DoctorCheck {
    static let name = "partitions"
    let hasTomorrow: Bool
    let held: [String]

    var findings: [Finding] {
        var found: [Finding] = []
        if !hasTomorrow {
            found.append(
                .warning(
                    "the log has no partition for tomorrow: no relay has maintained it today",
                    mend: "start a relay; events go to the default partition meanwhile"))
        }
        if !held.isEmpty {
            found.append(
                .warning(
                    "\(held.count) old partitions are held by sinks that are behind",
                    mend: "operator outbox stats names them"))
        }
        return found.orOK("made ahead, dropped in time")
    }
}
