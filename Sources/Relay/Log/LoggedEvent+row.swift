import Common

extension LoggedEvent {
    /// Reads twelve columns from `first` on: those of `outbox_events` in the order in which the relay's statements
    /// name them.
    init(_ row: PostgresRow, from first: Int) throws(PostgresError) {
        self.init(
            sequence: try row.column(first), id: try row.column(first + 1), type: try row.column(first + 2),
            version: try row.column(first + 3), orderingKey: try row.column(first + 4),
            occurredAt: try row.column(first + 5), aggregateType: try row.column(first + 8),
            aggregateID: try row.column(first + 9), payload: try row.column(first + 6),
            correlationID: try row.column(first + 10), causationID: try row.column(first + 11),
            traceparent: try row.column(first + 7))
    }
}
