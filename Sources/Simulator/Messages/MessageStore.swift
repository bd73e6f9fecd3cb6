import Common

/// The newest messages, oldest first, found by identifier or walked by list.
struct MessageStore: Sendable {
    /// How many are kept; when there are more, the oldest tenth goes.
    let limit: Int
    /// How many have been let go so far.
    private(set) var trimmed = 0
    private(set) var messages: [Message] = []
    private var sequences: [String: Int] = [:]
    private var nextSequence = 0

    init(limit: Int) { self.limit = limit }

    subscript(_ sid: String) -> Message? { index(sid).map { messages[$0] } }

    /// Adds a message and gives it its place.
    ///
    /// - Returns: how many old messages had to go.
    @discardableResult
    mutating func add(_ message: Message) -> Int {
        var message = message
        message.sequence = nextSequence
        sequences[message.sid] = nextSequence
        nextSequence += 1
        messages.append(message)
        guard messages.count > limit else { return 0 }
        let gone = max(1, limit / 10)
        for message in messages.prefix(gone) { sequences[message.sid] = nil }
        messages.removeFirst(gone)
        trimmed += gone
        return gone
    }

    /// Changes a message in place; nil when it is not there.
    mutating func update(_ sid: String, _ change: (inout Message) -> Void) -> Message? {
        guard let index = index(sid) else { return nil }
        change(&messages[index])
        messages[index].updated = .now
        return messages[index]
    }

    mutating func remove(_ sid: String) -> Message? {
        guard let index = index(sid) else { return nil }
        sequences[sid] = nil
        return messages.remove(at: index)
    }

    func page(_ list: MessageList) -> MessagePage {
        switch list.cursor {
        case .newerThan(let sid):
            // A message that is gone was older than all that are left.
            let start = sequences[sid].map { firstIndex(from: $0 + 1) } ?? 0
            let found = messages[start...].lazy.filter(list.matches).prefix(list.pageSize)
            return MessagePage(messages: found.reversed(), hasOlder: true)
        case .olderThan(let sid):
            return walk(down: messages[..<(sequences[sid].map(firstIndex) ?? 0)], list)
        case nil:
            return walk(down: messages[...], list)
        }
    }

    private func walk(down messages: ArraySlice<Message>, _ list: MessageList) -> MessagePage {
        let found = Array(messages.reversed().lazy.filter(list.matches).prefix(list.pageSize + 1))
        return MessagePage(messages: Array(found.prefix(list.pageSize)), hasOlder: found.count > list.pageSize)
    }

    private func index(_ sid: String) -> Int? {
        guard let sequence = sequences[sid] else { return nil }
        return firstIndex(from: sequence)
    }

    /// The first message of at least that sequence: a binary search, as deletions leave gaps.
    private func firstIndex(from sequence: Int) -> Int {
        var (low, high) = (0, messages.count)
        while low < high {
            let middle = (low + high) / 2
            if messages[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
