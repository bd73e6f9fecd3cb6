import Common

/// What became of a plan's messages so far.
struct LoadRun: Sendable {
    /// One message's way into the service.
    struct Record: Sendable {
        /// When it was first tried; nil before that.
        var sent: Timestamp?
        /// When the last try ended; nil while it is under way.
        var ended: Timestamp?
        /// How the last try was answered; nil when it was not.
        var status: Int16?
        var tries: UInt8 = 0

        var isAccepted: Bool { status.map { (200..<300).contains($0) } ?? false }
    }

    let plan: LoadPlan
    /// Messages are due from here on; times count from when a message was due, so that a wait for its turn counts too.
    let started: Timestamp
    private(set) var records: [Record] = []
    private(set) var ended: Timestamp?
    private(set) var underWay = 0
    private(set) var accepted = 0
    private var refused: [Int: Int] = [:]
    private var unanswered = 0
    private var tries = 0
    private var webhook = Latencies()
    private var reply = Latencies()
    /// Who waits for answers, and when the messages were due; oldest first.
    private var waiting: [Int: [Timestamp]] = [:]

    init(_ plan: LoadPlan, at time: Timestamp) {
        self.plan = plan
        started = time
        records.reserveCapacity(plan.messages)
    }

    var isRunning: Bool { ended == nil }

    /// Notes that the next message is on its way.
    mutating func begin(at time: Timestamp) {
        waiting[plan.passenger(of: records.count), default: []].append(due(records.count))
        records.append(Record(sent: time))
        underWay += 1
    }

    mutating func end(_ index: Int, _ delivery: WebhookSender.Delivery, at time: Timestamp) {
        records[index].ended = time
        records[index].status = delivery.status.map { Int16(truncatingIfNeeded: $0) }
        records[index].tries = UInt8(clamping: delivery.tries)
        underWay -= 1
        tries += delivery.tries
        if records[index].isAccepted {
            accepted += 1
            webhook.add(time - due(index))
        } else {
            if let status = delivery.status { refused[status, default: 0] += 1 } else { unanswered += 1 }
            let due = due(index)
            waiting[plan.passenger(of: index)]?.removeAll { $0 == due }
        }
    }

    /// Notes a reply: the answer to the oldest of the passenger's messages that wait for one.
    mutating func answered(_ address: String, at time: Timestamp) {
        guard let passenger = plan.passenger(at: address), let since = waiting[passenger]?.first else { return }
        waiting[passenger]?.removeFirst()
        reply.add(time - since)
    }

    private func due(_ index: Int) -> Timestamp { started + plan.time(of: index) }

    mutating func finish(at time: Timestamp) { ended = time }

    var json: JSONValue {
        [
            "seed": .string(String(plan.seed)), "passengers": .integer(plan.passengers),
            "messages": .integer(plan.messages), "isRunning": .bool(isRunning), "sent": .integer(records.count),
            "underWay": .integer(underWay), "accepted": .integer(accepted),
            "notAccepted": .object(
                refused.sorted { $0.key < $1.key }.map { .init("\($0.key)", .integer($0.value)) }
                    + [.init("noAnswer", .integer(unanswered))]),
            "tries": .integer(tries),
            "milliseconds": .integer(Int(((ended ?? .now) - started).wholeMilliseconds)),
            "webhookMicroseconds": webhook.json, "replyMicroseconds": reply.json,
        ]
    }
}
