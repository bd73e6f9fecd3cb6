import Common

/// Everything that happened, numbered, for as long as it fits: what the page's live updates are read from.
struct Journal: Sendable {
    struct Entry: Sendable {
        let number: Int
        /// `message`, `passenger`, `webhook`, `stream`, `notice`: the name of the server-sent event.
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
    let run = [UInt8].random(4).hex
    private var entries: [Entry] = []
    private(set) var last = 0

    init(limit: Int) { self.limit = limit }

    mutating func add(_ event: String, _ json: JSONValue) {
        last += 1
        entries.append(Entry(number: last, event: event, json: json.text))
        if entries.count > limit { entries.removeFirst(max(1, limit / 4)) }
    }

    /// The id that stands in the stream: the run and the number.
    func id(_ number: Int) -> String { "\(run)-\(number)" }

    /// What came after `id`; everything that is kept when there is none.
    func read(after id: String?) -> Reading {
        guard let id, !id.isEmpty else { return .entries(entries) }
        let parts = id.split(separator: "-")
        guard parts.count == 2, parts[0] == run, let number = Int(parts[1]), (0...last).contains(number) else {
            return .lost
        }
        guard let first = entries.first else { return .entries([]) }
        guard number >= first.number - 1 else { return .lost }
        return .entries(Array(entries[(number - first.number + 1)...]))
    }
}
