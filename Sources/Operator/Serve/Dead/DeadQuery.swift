import Common

/// Which dead letters a page shows, as its address says; none of it is personal.
struct DeadQuery: Sendable {
    enum Status: String, Sendable, CaseIterable { case open, replayed, discarded, all }

    enum Since: String, Sendable, CaseIterable {
        case hour = "1h"
        case day = "24h"
        case week = "7d"

        var duration: Duration {
            switch self {
            case .hour: .seconds(3600)
            case .day: .seconds(86_400)
            case .week: .seconds(7 * 86_400)
            }
        }

        var name: String {
            switch self {
            case .hour: "last hour"
            case .day: "last day"
            case .week: "last week"
            }
        }
    }

    var status = Status.open
    var reason: String?
    var since: Since?
    var sid: String?
    /// The row before which a page begins.
    var before: (at: Timestamp, id: Int64)?

    static let pageLength = 50

    /// What cannot be read counts as not given.
    init(_ parameters: FormParameters) {
        status = parameters["status"].flatMap(Status.init) ?? .open
        reason = parameters["reason"].map { String($0.prefix(200)) }
        since = parameters["since"].flatMap(Since.init)
        sid = parameters["sid"].map { String($0.filter { $0 != " " }.prefix(200)) }
        if let parts = parameters["before"]?.split(separator: "-"), parts.count == 2, let at = Int64(parts[0]),
            let id = Int64(parts[1])
        {
            before = (Timestamp(microseconds: at), id)
        }
    }

    /// The rows meant, whatever page of them.
    var filter: DeadLetterFilter {
        DeadLetterFilter(
            sids: sid.map { [$0] } ?? [], reason: reason,
            since: since.map { .now - $0.duration } ?? .infinitelyEarly, withClosed: status != .open,
            status: status == .all ? nil : StoredDeadLetter.Status(rawValue: status.rawValue))
    }

    /// Its parameters, those that say something.
    var fields: [(name: String, value: String)] {
        var fields: [(String, String)] = []
        if status != .open { fields.append(("status", status.rawValue)) }
        if let reason { fields.append(("reason", reason)) }
        if let since { fields.append(("since", since.rawValue)) }
        if let sid { fields.append(("sid", sid)) }
        return fields
    }

    /// The page's address.
    func path(before letter: StoredDeadLetter? = nil) -> String {
        var fields = fields
        if let letter { fields.append(("before", "\(letter.letter.at.microseconds)-\(letter.id)")) }
        guard !fields.isEmpty else { return "/dead" }
        let query = FormParameters.encode(fields.map { ($0.name, $0.value) })
        return "/dead?" + String(decoding: query, as: UTF8.self)
    }

    /// In words, for the confirmation: `with the reason deliveries, of the last hour`.
    var words: String {
        var words: [String] = []
        if let reason { words.append("with the reason \(reason)") }
        if let since { words.append("of the \(since.name)") }
        if let sid { words.append("with the MessageSid \(sid)") }
        return words.joined(separator: ", ")
    }
}
