/// What follows from a sink's answer to parked events of a shard.
struct ParkedOutcome: Hashable, Sendable {
    /// How often they had been refused before.
    typealias Attempts = [Int64: Int]

    /// To be taken off the table.
    private(set) var taken: [LoggedEvent] = []
    /// What becomes of those that were refused.
    private(set) var refused: [LoggedEvent: ParkedStanding] = [:]

    init(_ batch: ShardBatch, attempts: Attempts, _ answer: SinkAnswer?) {
        switch answer {
        case .taken: taken = batch.events
        case .partly(let some, let refusals):
            for event in batch.events {
                if some.contains(event.sequence) {
                    taken.append(event)
                } else if let refusal = refusals[event.sequence] {
                    refused[event] = ParkedStanding(
                        refused: refusal, attempts: attempts[event.sequence, default: 0] + 1)
                }
            }
        case .outOfStep, nil: break
        }
    }

    var isEmpty: Bool { taken.isEmpty && refused.isEmpty }
}
