import Common

/// The statistics of some shards at one moment.
struct QueueOverview: Sendable {
    let at: Timestamp
    let shards: [(number: Int, statistics: QueueStatistics)]

    init(at: Timestamp, _ shards: [(number: Int, statistics: QueueStatistics)]) {
        self.at = at
        self.shards = shards
    }

    init(of numbers: [Int], in queue: QueueClient) async throws(RedisError) {
        var shards: [(Int, QueueStatistics)] = []
        for number in numbers { shards.append((number, try await queue.stats(shard: number))) }
        self.init(at: .now, shards)
    }

    func sum(_ field: (QueueStatistics) -> Int) -> Int { shards.reduce(0) { $0 + field($1.statistics) } }
    var oldest: Timestamp? { shards.compactMap(\.statistics.oldest).min() }
    /// The shards that somebody has stopped.
    var paused: [Int] { shards.filter(\.statistics.isPaused).map(\.number) }

    /// What is counted now, in the order of the table.
    private static let present: [(heading: String, name: String, field: @Sendable (QueueStatistics) -> Int)] = [
        ("WAITING", "waiting", { $0.waiting }), ("IN", "in", { $0.ingress }), ("STAGE", "stage", { $0.staged }),
        ("HELD", "held", { $0.held }), ("READY", "ready", { $0.ready }), ("LEASED", "lease", { $0.leased }),
        ("DELAYED", "delay", { $0.delayed }), ("DEAD", "dead", { $0.dead }),
    ]

    /// What has been counted since Redis was empty.
    private static let totals: [(name: String, field: @Sendable (QueueStatistics) -> Int)] = [
        ("drained", { $0.drainedTotal }), ("done", { $0.doneTotal }), ("duplicate", { $0.duplicateTotal }),
        ("stale", { $0.staleTotal }), ("reclaimed", { $0.reclaimedTotal }), ("dead", { $0.deadTotal }),
    ]

    /// A line a shard that holds anything, and one for all of them.
    var text: String {
        var rows: [[String]] = []
        let busy = shards.filter { shard in
            Self.present.contains { $0.field(shard.statistics) > 0 } || shard.statistics.isPaused
        }
        if shards.count > 1 {
            rows = busy.map { shard in
                ["\(shard.number)"] + Self.present.map { "\($0.field(shard.statistics))" } + [
                    age(shard.statistics.oldest), shard.statistics.isPaused ? "paused" : "",
                ]
            }
        }
        rows.append(
            [shards.count == 1 ? "\(shards[0].number)" : "all"] + Self.present.map { "\(sum($0.field))" } + [
                age(oldest), paused.isEmpty ? "" : paused.count == shards.count ? "paused" : "\(paused.count) paused",
            ])
        let table = Output.table(["SHARD"] + Self.present.map(\.heading) + ["OLDEST", ""], rows)
        let counted = Self.totals.map { "\($0.name) \(sum($0.field))" }.joined(separator: ", ")
        return "\(table)\nsince Redis was empty: \(counted)"
    }

    private func age(_ moment: Timestamp?) -> String { moment.map { Output.age(at - $0) } ?? "-" }

    func json(_ workers: WorkersOverview) -> JSONValue {
        .object(
            [
                .init("at", .string(at.rfc3339)),
                .init(
                    "shards",
                    .array(
                        shards.map { shard in
                            .object(
                                [.init("shard", .integer(shard.number))]
                                    + members({ $0(shard.statistics) }, shard.statistics.oldest)
                                    + [.init("paused", .bool(shard.statistics.isPaused))])
                        })),
            ] + members(sum, oldest) + [
                .init("paused", .bool(!paused.isEmpty && paused.count == shards.count)),
                .init("paused_shards", .array(paused.map { .integer($0) })), .init("workers", workers.json),
            ])
    }

    private func members(
        _ value: (@Sendable (QueueStatistics) -> Int) -> Int, _ oldest: Timestamp?
    ) -> [JSONValue.Member] {
        let age = oldest.map { max(0, Int((at - $0).components.seconds)) }
        return Self.present.map { .init($0.name, .integer(value($0.field))) } + [
            .init("oldest_at", .string(oldest?.rfc3339)), .init("oldest_seconds", .integer(age)),
            .init("totals", .object(Self.totals.map { .init($0.name, .integer(value($0.field))) })),
        ]
    }
}
