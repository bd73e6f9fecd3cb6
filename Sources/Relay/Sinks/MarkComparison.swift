/// What a sink's mark, the sequence of the last event it took of a shard, says beside the log's cursor.
enum MarkComparison: Hashable, Sendable {
    /// Nothing is to be done.
    case inStep
    /// A relay died between adding and acknowledging: the cursor may move up to the mark, if the log has that event.
    case ahead(mark: Int64)
    /// The sink lost what it had: the cursor goes back to the mark, and what follows is published again.
    case lostData(mark: Int64)

    init(cursor: Int64, mark: Int64) {
        if mark == cursor {
            self = .inStep
        } else if mark > cursor {
            self = .ahead(mark: mark)
        } else {
            self = .lostData(mark: mark)
        }
    }
}
