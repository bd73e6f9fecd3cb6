import Common

extension OutboxOverview {
    func text(withShards: Bool) -> String {
        var parts = ["log \(logID)"]
        if sinks.isEmpty {
            parts.append("no sink yet: one is known once a relay has started with it in RELAY_SINKS")
        } else {
            parts.append(
                Output.table(
                    ["SINK", "LAG", "PENDING", "PARKED", "DEAD", "REPLAYS", "RELAYS", "SHARDS", "UNOWNED"],
                    sinks.map { sink in
                        [
                            sink.name, sink.pending == 0 ? "-" : Output.age(lag(sink.oldest)),
                            "\(sink.pending)" + (sink.isCapped ? " or more" : ""), "\(sink.waiting)",
                            "\(sink.dead)", "\(sink.replays)", "\(sink.relays.count)", "\(sink.shards.count)",
                            "\(sink.unowned.count)",
                        ]
                    }))
        }
        for sink in sinks {
            if let disabled = sink.disabled {
                parts.append(
                    "\(sink.name) is switched off since \(disabled.since.rfc3339): \(Output.printable(disabled.reason)); operator outbox enable --sink \(sink.name)"
                )
            }
        }
        if withShards { parts += sinks.map(shardTable) }
        parts.append(
            Output.table(["PARTITION", "SIZE", "EVENTS", "STATE"], partitions.map { $0.row }))
        return parts.joined(separator: "\n\n")
    }

    private func shardTable(_ sink: Sink) -> String {
        Output.table(
            ["\(sink.name.uppercased()) SHARD", "CURSOR", "EPOCH", "PENDING", "LAG", "OWNER"],
            sink.shards.map { shard in
                [
                    "\(shard.number)", "\(shard.cursor)", "\(shard.epoch)", "\(shard.pending)",
                    shard.pending == 0 ? "-" : Output.age(lag(shard.oldest)), Output.printable(shard.owner ?? "-"),
                ]
            })
    }

    func json(withShards: Bool) -> JSONValue {
        [
            "at": .string(at.rfc3339), "log_id": .string(logID.description),
            "sinks": .array(sinks.map { json($0, withShards: withShards) }),
            "partitions": .array(partitions.map(\.json)),
        ]
    }

    private func json(_ sink: Sink, withShards: Bool) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("sink", .string(sink.name)),
            .init("lag_seconds", .decimal(String(lag(sink.oldest).inSeconds))),
            .init("pending", .integer(sink.pending)), .init("pending_is_capped", .bool(sink.isCapped)),
            .init(
                "parked",
                [
                    "retry": .integer(sink.parked["retry"] ?? 0), "blocked": .integer(sink.parked["blocked"] ?? 0),
                    "dead": .integer(sink.dead),
                ]),
            .init("replays", .integer(sink.replays)),
            .init("disabled_at", .string(sink.disabled?.since.rfc3339)),
            .init("disabled_reason", .string(sink.disabled?.reason)),
            .init("relays", .array(sink.relays.map { .string($0) })),
            .init("shards", .integer(sink.shards.count)),
            .init("unowned_shards", .array(sink.unowned.map { .integer($0) })),
            .init("lowest_cursor", .integer(Int(sink.shards.map(\.cursor).min() ?? 0))),
            .init("highest_cursor", .integer(Int(sink.shards.map(\.cursor).max() ?? 0))),
        ]
        if withShards {
            members.append(
                .init(
                    "cursors",
                    .array(
                        sink.shards.map { shard in
                            [
                                "shard": .integer(shard.number), "cursor": .integer(Int(shard.cursor)),
                                "epoch": .integer(Int(shard.epoch)), "owner": .string(shard.owner),
                                "pending": .integer(shard.pending),
                                "lag_seconds": .decimal(String(lag(shard.oldest).inSeconds)),
                            ]
                        })))
        }
        return .object(members)
    }
}
