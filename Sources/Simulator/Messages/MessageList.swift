import Common

/// A question to `GET Messages.json`: which messages, and which page of them.
struct MessageList: Sendable {
    private(set) var to: String?
    private(set) var from: String?
    private var sentOn: Range<Timestamp>?
    private var sentBefore: Range<Timestamp>?
    private var sentAfter: Range<Timestamp>?
    let pageSize: Int
    let page: Int
    /// Where the page starts: below one message, or above one on the way back.
    private(set) var cursor: Cursor?
    /// The filters as they were asked for, for the URIs of the answer.
    private var filters = FormBody()

    enum Cursor: Hashable, Sendable {
        case olderThan(String)
        case newerThan(String)
    }

    init(_ query: FormBody) throws(APIError) {
        let size = query["PageSize"] ?? "50"
        guard let size = Int(size), size > 0 else { throw .invalid(20001, "PageSize must be a positive number") }
        pageSize = min(size, 1000)
        guard let page = Int(query["Page"] ?? "0"), page >= 0 else { throw .invalid(20006, "Page must be a number") }
        self.page = page
        if let token = query["PageToken"] {
            if token.hasPrefix("PA") {
                cursor = .olderThan(String(token.dropFirst(2)))
            } else if token.hasPrefix("PB") {
                cursor = .newerThan(String(token.dropFirst(2)))
            } else {
                throw .invalid(20006, "Invalid page token")
            }
        } else if page > 0 {
            throw .invalid(20006, "Page needs the PageToken of next_page_uri")
        }
        for pair in query.pairs where !pair.value.isEmpty {
            switch pair.name {
            case "To": to = pair.value
            case "From": from = pair.value
            case "DateSent": sentOn = try Self.date(pair.value)
            case "DateSent<": sentBefore = try Self.date(pair.value)
            case "DateSent>": sentAfter = try Self.date(pair.value)
            default: continue
            }
            filters.pairs.append(pair)
        }
    }

    private static func date(_ text: String) throws(APIError) -> Range<Timestamp> {
        guard let span = TwilioDate.span(text) else { throw .invalid(20001, "DateSent is not a date") }
        return span
    }

    /// Whether a message is asked for; one that is not sent yet has no date to match.
    func matches(_ message: Message) -> Bool {
        if let to, message.to != to { return false }
        if let from, message.from != from { return false }
        guard sentOn != nil || sentBefore != nil || sentAfter != nil else { return true }
        guard let sent = message.sent else { return false }
        if let sentOn, !sentOn.contains(sent) { return false }
        if let sentBefore, sent >= sentBefore.upperBound { return false }
        if let sentAfter, sent < sentAfter.lowerBound { return false }
        return true
    }

    /// The envelope around one page.
    func envelope(_ found: MessagePage, account: String) -> JSONValue {
        let base = "/2010-04-01/Accounts/\(account)/Messages.json?"
        func uri(_ page: Int, _ token: String?) -> String {
            var query = filters
            query.add("PageSize", "\(pageSize)")
            query.add("Page", "\(page)")
            if let token { query.add("PageToken", token) }
            return base + String(decoding: query.encoded, as: UTF8.self)
        }
        let start = page * pageSize
        let token = cursor.map { cursor in
            switch cursor {
            case .olderThan(let sid): "PA" + sid
            case .newerThan(let sid): "PB" + sid
            }
        }
        let next = found.messages.last.flatMap { found.hasOlder ? uri(page + 1, "PA" + $0.sid) : nil }
        let previous = found.messages.first.flatMap { page > 0 ? uri(page - 1, page == 1 ? nil : "PB" + $0.sid) : nil }
        return [
            "end": .integer(start + max(0, found.messages.count - 1)),
            "first_page_uri": .string(uri(0, nil)),
            "next_page_uri": .string(next),
            "page": .integer(page),
            "page_size": .integer(pageSize),
            "previous_page_uri": .string(previous),
            "messages": .array(found.messages.map { $0.resource(account: account) }),
            "start": .integer(start),
            "uri": .string(uri(page, token)),
        ]
    }
}

/// One page of messages, newest first.
struct MessagePage: Sendable {
    let messages: [Message]
    let hasOlder: Bool
}
