import Common

/// A sender and where it stands in the queue.
struct QueuedSender: Sendable {
    enum Place: Sendable {
        /// Nothing of it waits.
        case idle
        case ready
        /// Not before then.
        case delayed(until: Timestamp)
        /// A worker's until then, unless it renews.
        case leased(until: Timestamp)
    }

    let sender: String
    let place: Place
    /// Messages that wait, the one in work included.
    let waiting: Int
    /// How often the first of them was handed out.
    let deliveries: Int
    /// The owner's fence; 0 when there is no owner.
    let fence: Int64

    /// Reads `fence:deliveries`, as the hash `own` has it; nothing means neither.
    init(_ sender: String, _ place: Place, waiting: Int, own: String?) {
        self.sender = sender
        self.place = place
        self.waiting = waiting
        let parts = (own ?? "").split(separator: ":")
        fence = parts.first.flatMap { Int64($0) } ?? 0
        deliveries = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
    }

    /// In words: `in work for another 14 s, 2 messages wait, delivered 1 time`.
    func place(now: Timestamp) -> String {
        let place =
            switch place {
            case .idle: "idle"
            case .ready: "its turn comes"
            case .delayed(let until): "waits for another \(Output.age(until - now))"
            case .leased(let until): "in work, leased for another \(Output.age(until - now))"
            }
        return "\(place); \(waiting) messages, the first handed out \(deliveries) times"
    }

    func json(_ options: OutputOptions, now: Timestamp) -> JSONValue {
        let (name, until): (String, Timestamp?) =
            switch place {
            case .idle: ("idle", nil)
            case .ready: ("ready", nil)
            case .delayed(let until): ("delay", until)
            case .leased(let until): ("lease", until)
            }
        return [
            "sender": .string(options.shown(sender)), "list": .string(name), "until": .string(until?.rfc3339),
            "waiting": .integer(waiting), "deliveries": .integer(deliveries), "fence": .integer(Int(fence)),
        ]
    }

    static func table(_ senders: [QueuedSender], _ options: OutputOptions, now: Timestamp) -> String {
        Output.table(
            ["SENDER", "MESSAGES", "DELIVERIES", "FENCE", "FOR"],
            senders.map { queued in
                let rest =
                    switch queued.place {
                    case .idle, .ready: "-"
                    case .delayed(let until), .leased(let until): Output.age(until - now)
                    }
                return [
                    options.shown(queued.sender), "\(queued.waiting)", "\(queued.deliveries)", "\(queued.fence)", rest,
                ]
            })
    }
}
