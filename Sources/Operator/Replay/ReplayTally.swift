import Common

/// What a replay did, or would do.
struct ReplayTally {
    let dryRun: Bool
    private var counts: [ReplayCandidate.Role: Int] = [:]
    private var redacted = 0
    private var passedOver = 0
    private var senders: Set<String> = []
    private var sample: [ReplayCandidate] = []

    /// How many are shown of a dry run.
    private static let shown = 20

    init(dryRun: Bool) { self.dryRun = dryRun }

    var seen: Int { replayed + passedOver }
    private var replayed: Int { counts.values.reduce(0, +) }

    mutating func add(_ page: [ReplayCandidate]) {
        let replayable = page.filter { $0.envelope != nil }
        passedOver += page.count - replayable.count
        for candidate in replayable { counts[candidate.role, default: 0] += 1 }
        redacted += replayable.count(where: \.isRedacted)
        senders.formUnion(replayable.map(\.sender))
        sample += replayable.prefix(Self.shown - sample.count)
    }

    func write(_ output: OutputOptions) {
        if output.json {
            let counts = ReplayCandidate.Role.allCases.map {
                JSONValue.Member($0.rawValue, .integer(self.counts[$0] ?? 0))
            }
            Output.write(
                .object(
                    [.init("replayed", .integer(replayed))] + counts + [
                        .init("senders", .integer(senders.count)), .init("redacted", .integer(redacted)),
                        .init("passed_over", .integer(passedOver)), .init("dry_run", .bool(dryRun)),
                    ]))
            return
        }
        if dryRun, !sample.isEmpty {
            Output.write(table(output))
            if replayed > sample.count { Output.write("… and \(replayed - sample.count) more") }
        }
        let parts = [
            "\(counts[.unprocessed] ?? 0) never processed", "\(counts[.dead] ?? 0) dead letters",
            "\(counts[.newRun] ?? 0) processed before, as new runs",
        ]
        Output.write(
            "\(dryRun ? "would have " : "")replayed \(replayed) messages of \(senders.count) senders: "
                + parts.joined(separator: ", "))
        if redacted > 0 {
            Output.write("\(redacted) of them were stored without their words, which may have been a code")
        }
        if passedOver > 0 {
            Output.write("\(passedOver) cannot be replayed: erased, or never readable")
        }
    }

    private func table(_ output: OutputOptions) -> String {
        Output.table(
            ["RUN", "SENDER", "KIND", "AGE", "WHY"],
            sample.map { candidate in
                let why =
                    switch candidate.role {
                    case .unprocessed: "never processed"
                    case .dead: "dead letter"
                    case .newRun: "processed before: a new run"
                    }
                return [
                    Output.printable(candidate.runSID ?? candidate.messageSID), output.shown(candidate.sender),
                    candidate.kind?.rawValue ?? "-", Output.age(Timestamp.now - candidate.receivedAt), why,
                ]
            })
    }
}
