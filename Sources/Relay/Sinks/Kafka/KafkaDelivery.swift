#if Kafka
import Common

/// What may be handed to the producer next, and what has become of it: one publication, without the producer.
///
/// Of one ordering key at most one event is under way, so that nothing of it can overtake what failed. A broker refuses
/// a whole request for one record in it; who is refused in company is therefore tried again alone, after all others.
struct KafkaDelivery {
    /// What became of an event that was handed over.
    enum Outcome: Hashable, Sendable {
        case delivered
        /// The broker does not want this one, or one of those it was sent with.
        case refused(String)
        /// It never left: no company can be to blame.
        case unfit(String)
        /// Nobody knows whether it arrived, or it did not, for a reason that concerns all.
        case failed(String)
    }

    /// Up to how many are under way.
    static let limit = 1000

    private let batches: [ShardBatch]
    private let events: [(batch: Int, event: LoggedEvent)]
    /// Of each event the next one of its key.
    private var successors: [Int?]
    /// Those whose turn it is, the oldest last: what is done when time is up is then a beginning of each batch.
    private var ready: [Int] = []
    /// Those that were refused in company.
    private var suspects: [Int] = []
    private var underWay: Set<Int> = []
    private var isAlone = false
    private var mayBegin = true
    private var taken: Set<Int> = []
    private var refused: [Int: EventRefusal] = [:]
    private var failures = 0
    private var reason: String?

    init(_ batches: [ShardBatch]) {
        self.batches = batches
        events = batches.enumerated()
            .flatMap { index, batch in batch.events.map { (index, $0) } }
            .sorted { $0.event.sequence < $1.event.sequence }
        successors = Array(repeating: nil, count: events.count)
        var last: [String: Int] = [:]
        for (index, item) in events.enumerated() {
            if let before = last.updateValue(index, forKey: item.event.orderingKey) {
                successors[before] = index
            } else {
                ready.append(index)
            }
        }
        ready.reverse()
    }

    func event(_ index: Int) -> LoggedEvent { events[index].event }

    /// Takes one event to be handed over now; nil while there is none.
    mutating func next() -> Int? {
        guard mayBegin, !isAlone, underWay.count < Self.limit else { return nil }
        if let index = ready.popLast() {
            underWay.insert(index)
            return index
        }
        guard underWay.isEmpty, let index = suspects.popLast() else { return nil }
        isAlone = true
        underWay.insert(index)
        return index
    }

    /// Notes what became of an event; of one that is not under way nothing is noted.
    mutating func reported(_ index: Int, _ outcome: Outcome) {
        guard underWay.remove(index) != nil else { return }
        let wasAlone = isAlone
        isAlone = false
        switch outcome {
        case .delivered:
            taken.insert(index)
            if let successor = successors[index] {
                ready.insert(successor, at: ready.firstIndex { $0 < successor } ?? ready.endIndex)
            }
        case .refused(let reason):
            if wasAlone { refused[index] = EventRefusal(reason) } else { suspects.append(index) }
        case .unfit(let reason): refused[index] = EventRefusal(reason)
        case .failed(let reason):
            failures += 1
            self.reason = self.reason ?? reason
            stop()
        }
    }

    /// Begins nothing more.
    mutating func stop() { mayBegin = false }

    /// Waits for nothing more: what is under way has failed.
    mutating func abandon(_ reason: String) {
        stop()
        for index in underWay { reported(index, .failed(reason)) }
        self.reason = self.reason ?? reason
    }

    /// Whether nothing is under way and nothing more will be.
    var isOver: Bool {
        underWay.isEmpty && (!mayBegin || (ready.isEmpty && suspects.isEmpty))
    }

    /// Why no more was published; nil when that concerns single events only.
    var failure: (count: Int, reason: String)? { reason.map { (failures, $0) } }

    /// What to answer of each batch of which something is known, by shard.
    var answers: [Int: SinkAnswer] {
        var known: [Int: (taken: Set<Int64>, refused: [Int64: EventRefusal])] = [:]
        for index in taken { known[events[index].batch, default: ([], [:])].taken.insert(event(index).sequence) }
        for (index, refusal) in refused {
            known[events[index].batch, default: ([], [:])].refused[event(index).sequence] = refusal
        }
        var answers: [Int: SinkAnswer] = [:]
        for (index, answer) in known {
            let batch = batches[index]
            answers[batch.held.shard] =
                answer.taken.count == batch.events.count
                ? .taken(count: batch.events.count) : .partly(taken: answer.taken, refused: answer.refused)
        }
        return answers
    }
}
#endif
