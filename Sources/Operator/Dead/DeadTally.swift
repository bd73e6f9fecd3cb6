import Common

/// What a command did, or would do, with dead letters.
struct DeadTally {
    let dryRun: Bool
    private(set) var done = 0
    private(set) var redacted = 0
    private var senders: Set<String> = []
    /// The first of them, to be shown.
    private var sample: [StoredDeadLetter] = []
    private var passedOver: [String: Int] = [:]

    /// How many are shown of a dry run.
    private static let shown = 20

    init(dryRun: Bool) { self.dryRun = dryRun }

    var seen: Int { done + passedOver.values.reduce(0, +) }

    mutating func add(_ letters: [StoredDeadLetter], passedOver others: [StoredDeadLetter]) {
        done += letters.count
        redacted += letters.count { $0.letter.isRedacted }
        senders.formUnion(letters.map(\.letter.sender))
        sample += letters.prefix(Self.shown - sample.count)
        for letter in others { passedOver[letter.obstacle ?? "", default: 0] += 1 }
    }

    func write(_ verb: String, _ output: OutputOptions) {
        if output.json {
            Output.write([
                verb: .integer(done), "senders": .integer(senders.count), "redacted": .integer(redacted),
                "passed_over": .object(
                    passedOver.sorted { $0.key < $1.key }.map { .init($0.key, .integer($0.value)) }),
                "dry_run": .bool(dryRun),
            ])
            return
        }
        if dryRun, !sample.isEmpty {
            Output.write(StoredDeadLetter.table(sample, output))
            if done > sample.count { Output.write("… and \(done - sample.count) more") }
        }
        Output.write("\(dryRun ? "would have " : "")\(verb) \(done) dead letters of \(senders.count) senders")
        if verb == "replayed", redacted > 0 {
            Output.write(
                "\(redacted) of them were stored without their words, which may have been a code; what Redis still has is replayed whole"
            )
        }
        for (reason, count) in passedOver.sorted(by: { $0.key < $1.key }) {
            Output.write("\(count) cannot be replayed (\(reason)): operator dead discard closes them")
        }
    }
}
