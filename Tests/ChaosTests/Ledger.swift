import Common

/// What went in, what was done and what came out, of one scenario, to be compared.
struct Ledger: Sendable {
    /// A message that somebody wrote, as the provider saw it go.
    struct Sent: Hashable, Sendable {
        var sid: String
        var sender: String
        var sent: Timestamp
        /// When the last try was over; nil when it never was.
        var ended: Timestamp?
        var isAccepted: Bool
    }

    /// A row of `inbound_messages` that was processed.
    struct Processed: Hashable, Sendable {
        var sid: String
        var sequence: Int64
        var at: Timestamp
    }

    /// A row of `outbound_messages`.
    struct Reply: Hashable, Sendable {
        var id: String
        var inReplyTo: String
        var position: Int
        var state: String
    }

    /// What the provider knows of a reply.
    struct Arrival: Hashable, Sendable {
        var id: String
        var times: Int
        /// When it first came, in the order of all replies.
        var place: Int
        var at: Timestamp
    }

    /// An event, of the log or of the stream.
    struct Event: Hashable, Sendable {
        var id: String
        var key: String
        var sequence: Int64
        /// The message that caused it, in the log; when it was added, in the stream.
        var cause: String = ""
        var at = Timestamp(microseconds: 0)
    }

    var sent: [Sent] = []
    var processed: [Processed] = []
    var replies: [Reply] = []
    var arrivals: [Arrival] = []
    /// In the order of the log.
    var log: [Event] = []
    /// In the order of the stream.
    var stream: [Event] = []
    /// How long each part of the queue is: everything but `dead` is to be 0.
    var queue: [String: Int] = [:]
    var dead = 0
    /// When the last fault was over.
    var healed = Timestamp(microseconds: 0)
    /// When the queue lost accepted messages, if it did: what was lost is caught up with after what came later.
    var lostTails: [Timestamp] = []
}

extension Ledger {
    /// What the comparison found; each list is of names that lead to the culprit.
    struct Verdict: Hashable, Sendable {
        /// Accepted and never processed.
        var lost: [String] = []
        /// Not accepted and not processed: known to the provider's list alone.
        var missed: [String] = []
        /// Accepted one after the other, processed the other way round.
        var swapped: [String] = []
        /// The same, where the queue itself lost the earlier one after accepting it.
        var late: [String] = []
        /// Replies written down that the provider never saw.
        var unsent: [String] = []
        /// Replies that the provider took more than once.
        var twice: [String] = []
        /// Replies that the provider took and nobody wrote down.
        var unwritten: [String] = []
        /// Replies to one person that came in another order than they were written.
        var repliesSwapped: [String] = []
        var eventsLost: [String] = []
        var eventsTwice: [String] = []
        var eventsUnwritten: [String] = []
        var eventsSwapped: [String] = []
        /// What is not empty though it should be.
        var left: [String] = []
        var dead = 0
        /// From the end of the faults until everything that was written before it was answered and told.
        var recovery: Duration { max(processedAfter, max(answeredAfter, toldAfter)) }
        var processedAfter: Duration = .zero
        var answeredAfter: Duration = .zero
        var toldAfter: Duration = .zero

        /// What must never happen, in words; empty when all is well.
        var complaints: [String] {
            let lists: [(String, [String])] = [
                ("accepted and lost", lost), ("neither accepted nor found by backfill", missed),
                ("out of order", swapped), ("reply never sent", unsent),
                ("reply sent twice", twice), ("reply of unknown origin", unwritten),
                ("reply out of order", repliesSwapped), ("event never published", eventsLost),
                ("event published twice", eventsTwice), ("event of unknown origin", eventsUnwritten),
                ("event out of order", eventsSwapped), ("left in the queue", left),
            ]
            var all = lists.filter { !$0.1.isEmpty }.map { name, items in
                "\(items.count) \(name): \(items.prefix(3).joined(separator: ", "))"
            }
            if dead > 0 { all.append("\(dead) dead letters") }
            return all
        }
    }

    func compare() -> Verdict {
        var verdict = Verdict()
        compareMessages(&verdict)
        compareReplies(&verdict)
        compareEvents(&verdict)
        verdict.left = queue.filter { $0.value != 0 }.map { "\($0.key)=\($0.value)" }.sorted()
        verdict.dead = dead
        compareTimes(&verdict)
        return verdict
    }

    private func compareMessages(_ verdict: inout Verdict) {
        let sequences = Dictionary(processed.map { ($0.sid, $0.sequence) }, uniquingKeysWith: min)
        for message in sent where sequences[message.sid] == nil {
            if message.isAccepted { verdict.lost.append(message.sid) } else { verdict.missed.append(message.sid) }
        }
        for (_, messages) in Dictionary(grouping: sent.filter(\.isAccepted), by: \.sender) {
            let inOrder = messages.compactMap { message in sequences[message.sid].map { (message, $0) } }
                .sorted { $0.1 < $1.1 }.map(\.0)
            for (place, later) in inOrder.enumerated() {
                // Of two that were under way together nobody knows which was first.
                for earlier in inOrder[(place + 1)...] where earlier.ended.map({ $0 < later.sent }) ?? false {
                    if lostTails.contains(where: { earlier.sent <= $0 && later.ended ?? $0 >= $0 }) {
                        verdict.late.append(earlier.sid)
                    } else {
                        verdict.swapped.append("\(earlier.sid) after \(later.sid)")
                    }
                }
            }
        }
    }

    private func compareReplies(_ verdict: inout Verdict) {
        let known = Dictionary(arrivals.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let written = Set(replies.map(\.id))
        verdict.unwritten = arrivals.map(\.id).filter { !written.contains($0) }
        verdict.twice = arrivals.filter { $0.times > 1 }.map { "\($0.id) ×\($0.times)" }
        verdict.unsent = replies.filter { known[$0.id] == nil && $0.state != "failed" }.map(\.id)
        let origin = Dictionary(sent.map { ($0.sid, $0.sender) }, uniquingKeysWith: { first, _ in first })
        let sequences = Dictionary(processed.map { ($0.sid, $0.sequence) }, uniquingKeysWith: min)
        for (_, replies) in Dictionary(grouping: replies, by: { origin[$0.inReplyTo] ?? "" }) {
            let places =
                replies
                .sorted { (sequences[$0.inReplyTo] ?? 0, $0.position) < (sequences[$1.inReplyTo] ?? 0, $1.position) }
                .compactMap { known[$0.id] }
            for (earlier, later) in zip(places, places.dropFirst()) where earlier.place > later.place {
                verdict.repliesSwapped.append("\(earlier.id) after \(later.id)")
            }
        }
    }

    private func compareEvents(_ verdict: inout Verdict) {
        let counts = Dictionary(stream.map { ($0.id, 1) }, uniquingKeysWith: +)
        let written = Set(log.map(\.id))
        verdict.eventsLost = log.map(\.id).filter { counts[$0] == nil }
        verdict.eventsTwice = counts.filter { $0.value > 1 }.map { "\($0.key) ×\($0.value)" }
        verdict.eventsUnwritten = counts.keys.filter { !written.contains($0) }
        var last: [String: Int64] = [:]
        for event in stream {
            if let before = last[event.key], before > event.sequence { verdict.eventsSwapped.append(event.id) }
            last[event.key] = max(last[event.key] ?? 0, event.sequence)
        }
    }

    /// How long the last effects of messages that were written before the end of the faults came after it.
    private func compareTimes(_ verdict: inout Verdict) {
        let before = Set(sent.filter { $0.sent <= healed }.map(\.sid))
        let answered = Dictionary(arrivals.map { ($0.id, $0.at) }, uniquingKeysWith: min)
        let told = Dictionary(stream.map { ($0.id, $0.at) }, uniquingKeysWith: min)
        func after(_ times: [Timestamp]) -> Duration { max(.zero, (times.max() ?? healed) - healed) }
        verdict.processedAfter = after(processed.filter { before.contains($0.sid) }.map(\.at))
        verdict.answeredAfter = after(
            replies.filter { before.contains($0.inReplyTo) }.compactMap { answered[$0.id] })
        verdict.toldAfter = after(log.filter { before.contains($0.cause) }.compactMap { told[$0.id] })
    }
}
