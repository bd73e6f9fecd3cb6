import Common

/// Where events go; what is different about it is behind this, order and position are the drain's.
///
/// A sink tells two kinds of failure apart. What would befall every event (it cannot be reached, is slow, asks for
/// patience) is its `SinkReport.failure`: the cursor stops. What is wrong with one event is its refusal: it is parked
/// with what follows of its key, and the others go on.
protocol Sink: Sendable {
    /// Publishes batches, events of one ordering key in order and at most one of a key at a time.
    ///
    /// After an event that was refused or whose fate is unknown nothing of its key is tried. Nothing new is begun once
    /// `window` is closed; what was begun is waited for, for a few seconds at most. What was answered before a failure
    /// counts. It may be cancelled, and then answers at once what it knows.
    func publish(_ batches: [ShardBatch], of log: UUID, within window: PublishWindow) async -> SinkReport

    /// Whether publishing what follows the cursors ends within a third of a lease.
    ///
    /// Then batches of different shards are published beside each other, and leases are not renewed meanwhile. A first
    /// call that has to load functions may take longer: a shard that is another relay's by then is as after a pause.
    var isPrompt: Bool { get }

    /// The sequence of the last event taken, of each of `shards`, 0 where there is none; nil of a sink that keeps none.
    func marks(of log: UUID, shards: [Int]) async throws(SinkError) -> [Int: Int64]?

    /// The ids of the events that the marks of `shards` stand on, as far as the sink knows them.
    func markedEvents(of log: UUID, shards: [Int]) async throws(SinkError) -> [Int: String]
}

extension Sink {
    var isPrompt: Bool { false }

    func markedEvents(of log: UUID, shards: [Int]) async throws(SinkError) -> [Int: String] { [:] }
}

/// What became of batches.
struct SinkReport: Sendable {
    /// By shard; a batch without an answer was not tried.
    var answers: [Int: SinkAnswer] = [:]
    /// Why no more was published.
    var failure: SinkError?
}

/// What a sink did with a batch.
enum SinkAnswer: Hashable, Sendable {
    /// It has all of it now; `count` events, the last ones, it did not have before.
    case taken(count: Int)
    /// Its mark does not fit the cursor; nothing was taken and marks are to be compared.
    case outOfStep
    /// It has the sequences of `taken` and never will have those of `refused` as they are.
    ///
    /// What is in neither was not tried, or nobody knows: behind a refused one of its key, cut off by the report's
    /// failure, or left when the window closed.
    case partly(taken: Set<Int64>, refused: [Int64: EventRefusal])

    /// Whether it shows that the sink is there and answers.
    var isAnswered: Bool {
        switch self {
        case .taken, .outOfStep: true
        case .partly(let taken, let refused): !taken.isEmpty || !refused.isEmpty
        }
    }
}

/// Why a sink does not want one event.
struct EventRefusal: Hashable, Sendable {
    /// Longer ones are cut.
    static let descriptionLimit = 500

    /// The status of an HTTP answer; nil when there was none.
    let status: Int?
    /// For a person; without the event's contents.
    let description: String
    /// Whether trying again is no use, as for what cannot be serialised.
    let isFinal: Bool

    init(status: Int? = nil, _ description: String, isFinal: Bool = false) {
        self.status = status
        self.description = String(description.prefix(Self.descriptionLimit))
        self.isFinal = isFinal
    }
}
