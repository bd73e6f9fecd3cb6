import Common
import TestSupport

/// What was committed, what the log has and what came out, to be compared.
struct RelayLedger: Sendable {
    /// Committed, for what the writers were told, of each key in order.
    var committed: [String: [String]] = [:]
    /// The log's events, of each key in its order.
    var log: [String: [String]] = [:]
    /// The stream's entries, of each key in its order.
    var stream: [String: [String]] = [:]
    /// What the webhook took, of each key in the order of first deliveries; nil where there is none.
    var webhook: [String: [String]]?
    /// Deliveries to the webhook beyond the first of an event, which it may have.
    var repeatedDeliveries = 0
    /// Events that may be in the stream and not in the log: the database was restored to before them.
    var forgotten: Set<String> = []
    /// Whether a restore has some events published again under their ids.
    var mayComeAgain = false
    /// What only the scenario knows to be wrong.
    var remarks: [String] = []
    /// Whether `operator outbox verify` found log and stream in agreement.
    var isVerified = true

    /// What the comparison found; names lead to the culprit.
    struct Verdict: Hashable, Sendable {
        var lost: [String] = []
        var swapped: [String] = []
        var twice: [String] = []
        var unknown: [String] = []
        /// Published again because a restore was accepted.
        var again = 0
        var isVerified = true
        var remarks: [String] = []
        var events = 0

        /// What must never happen, in words; empty when all is well.
        var complaints: [String] {
            let lists = [
                ("lost", lost), ("out of order", swapped), ("twice in the stream", twice),
                ("of unknown origin", unknown),
            ]
            var all = lists.filter { !$0.1.isEmpty }.map { name, items in
                "\(items.count) \(name): \(items.prefix(3).joined(separator: ", "))"
            }
            if !isVerified { all.append("operator outbox verify found differences") }
            return all + remarks
        }
    }

    func compare() -> Verdict {
        var verdict = Verdict()
        verdict.isVerified = isVerified
        verdict.remarks = remarks
        verdict.events = log.values.reduce(0) { $0 + $1.count }
        for (key, ids) in committed {
            let known = Set(log[key] ?? [])
            verdict.lost += ids.filter { !known.contains($0) && !forgotten.contains($0) }.map { "\($0), from the log" }
            if !Self.isSubsequence(ids.filter { known.contains($0) }, of: log[key] ?? []) {
                verdict.swapped.append("\(key) in the log")
            }
        }
        compareStream(&verdict)
        if let webhook {
            for (key, ids) in log {
                let taken = webhook[key] ?? []
                let known = Set(taken)
                verdict.lost += ids.filter { !known.contains($0) }.map { "\($0), to the webhook" }
                if taken.filter({ Set(ids).contains($0) }) != ids.filter({ known.contains($0) }) {
                    verdict.swapped.append("\(key) at the webhook")
                }
            }
        }
        return verdict
    }

    private func compareStream(_ verdict: inout Verdict) {
        for (key, ids) in log {
            let entries = stream[key] ?? []
            let known = Set(entries)
            verdict.lost += ids.filter { !known.contains($0) }.map { "\($0), to the stream" }
        }
        for (key, entries) in stream {
            let ids = log[key] ?? []
            let known = Set(ids)
            verdict.unknown += entries.filter { !known.contains($0) && !forgotten.contains($0) }
            var first: [String] = []
            var seen: Set<String> = []
            for entry in entries {
                if seen.insert(entry).inserted {
                    first.append(entry)
                } else if mayComeAgain {
                    verdict.again += 1
                } else {
                    verdict.twice.append(entry)
                }
            }
            if first.filter({ known.contains($0) }) != ids.filter({ seen.contains($0) }) {
                verdict.swapped.append("\(key) in the stream")
            }
        }
    }

    private static func isSubsequence(_ part: [String], of whole: [String]) -> Bool {
        var rest = part[...]
        for item in whole where item == rest.first { rest = rest.dropFirst() }
        return rest.isEmpty
    }
}

extension RelayFleet {
    /// Everything there is to compare.
    func ledger() async throws -> RelayLedger {
        var ledger = RelayLedger()
        ledger.committed = writers.committed
        for row in try await sql("SELECT ordering_key, id FROM outbox_events ORDER BY shard, sequence") {
            ledger.log[row[0], default: []].append(row[1])
        }
        for event in try await product.events() {
            if let key = event["subject"], let id = event["id"] { ledger.stream[key, default: []].append(id) }
        }
        ledger.isVerified = try await operate("outbox verify") == 0
        return ledger
    }
}
