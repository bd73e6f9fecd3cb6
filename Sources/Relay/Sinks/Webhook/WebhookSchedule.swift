import Common

/// Which event may be sent next: one at a time of a key, `width` at a time of all, the oldest first.
///
/// Oldest first, so that what is done when time is up is a beginning of each batch rather than pieces of it.
struct WebhookSchedule {
    private let batches: [ShardBatch]
    private let width: Int
    /// Of each key that has events left its shard and events, the last one first.
    private var waiting: [Key: [LoggedEvent]] = [:]
    /// Keys none of whose events is on its way, by their next event, the newest first.
    private var ready: [(sequence: Int64, key: Key)] = []
    private var inFlight: [Int64: Key] = [:]
    private var taken: Set<Int64> = []
    private var refused: [Int64: EventRefusal] = [:]
    private(set) var failure: SinkError?

    /// An ordering key, in its shard.
    private struct Key: Hashable {
        let shard: Int
        let text: String
    }

    init(_ batches: [ShardBatch], width: Int) {
        self.batches = batches
        self.width = width
        for batch in batches {
            for event in batch.events.reversed() {
                waiting[Key(shard: batch.held.shard, text: event.orderingKey), default: []].append(event)
            }
        }
        ready = waiting.compactMap { key, events in events.last.map { ($0.sequence, key) } }
        ready.sort { $0.sequence > $1.sequence }
    }

    /// How many are on their way.
    var count: Int { inFlight.count }

    /// Takes the next event to send; nil while there is none that may be sent.
    mutating func next() -> LoggedEvent? {
        guard failure == nil, inFlight.count < width, let (_, key) = ready.popLast(),
            let event = waiting[key]?.popLast()
        else { return nil }
        inFlight[event.sequence] = key
        return event
    }

    /// Notes what came of an event that is on its way.
    ///
    /// What follows a refused one of its key is not sent; after a failure of the endpoint nothing is.
    mutating func answered(_ sequence: Int64, _ verdict: WebhookVerdict) {
        guard let key = inFlight.removeValue(forKey: sequence) else { return }
        switch verdict {
        case .taken:
            taken.insert(sequence)
            if let next = waiting[key]?.last { makeReady(next.sequence, key) }
        case .refused(let refusal): refused[sequence] = refusal
        case .unavailable(let reason, let wait):
            if failure == nil { failure = SinkError(.unavailable, "webhook: \(reason)", retryAfter: wait) }
        case .gone:
            failure = SinkError(.disabled, "webhook: it answered 410 (gone) and wants no more events")
        }
    }

    /// What is to be said of each batch.
    var report: SinkReport {
        var answers: [Int: SinkAnswer] = [:]
        for batch in batches {
            let sequences = Set(batch.events.map(\.sequence))
            let ours = taken.intersection(sequences)
            answers[batch.held.shard] =
                ours.count == sequences.count
                ? .taken(count: ours.count)
                : .partly(taken: ours, refused: refused.filter { sequences.contains($0.key) })
        }
        return SinkReport(answers: answers, failure: failure)
    }

    private mutating func makeReady(_ sequence: Int64, _ key: Key) {
        let place = ready.firstIndex { $0.sequence < sequence } ?? ready.endIndex
        ready.insert((sequence, key), at: place)
    }
}
