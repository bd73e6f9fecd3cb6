import Common

/// Everything that happened, numbered, for as long as it fits: what `/api/stream` reads from.
actor Journal {
    struct Entry: Sendable {
        let number: Int
        let event: String
        let json: String
    }

    /// What a reader gets who has seen everything up to a number.
    enum Reading: Sendable {
        case entries([Entry])
        /// The number belongs to another run of the simulator, or is too long ago: ask for the state anew.
        case lost
    }

    /// How many entries are kept for those who come back.
    private let limit: Int
    /// Tells this run's numbers from an earlier run's.
    nonisolated let run = [UInt8].random(4).hex
    private var entries: [Entry] = []
    private(set) var last = 0
    private var readers: [UUID: AsyncStream<Void>.Continuation] = [:]
    private var isClosed = false

    init(limit: Int = 4000) { self.limit = limit }

    func add(_ event: String, _ json: JSONValue) {
        last += 1
        entries.append(Entry(number: last, event: event, json: json.text))
        if entries.count > limit { entries.removeFirst(limit / 4) }
        wake()
    }

    /// The id that stands in the stream: the run and the number.
    nonisolated func id(_ number: Int) -> String { "\(run)-\(number)" }

    /// What came after `id`; everything that is kept when there is none.
    func read(after id: String?) -> Reading {
        guard let id, !id.isEmpty else { return .entries(entries) }
        let parts = id.split(separator: "-")
        guard parts.count == 2, parts[0] == run, let number = Int(parts[1]), number <= last else { return .lost }
        guard let first = entries.first else { return .entries([]) }
        guard number >= first.number - 1 else { return .lost }
        return .entries(Array(entries[(number - first.number + 1)...]))
    }

    /// Wakes whenever there may be something new, and now and then when there is not; ends with the process.
    func wakeUps() -> (id: UUID, stream: AsyncStream<Void>) {
        let id = UUID.random()
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        if isClosed { continuation.finish() }
        readers[id] = continuation
        return (id, stream)
    }

    func leave(_ id: UUID) { readers.removeValue(forKey: id)?.finish() }

    func wake() {
        for reader in readers.values { reader.yield() }
    }

    /// Ends every reader's stream: the process is stopping.
    func close() {
        isClosed = true
        for reader in readers.values { reader.finish() }
        readers = [:]
    }
}
