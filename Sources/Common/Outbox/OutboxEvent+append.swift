extension OutboxEvent {
    /// Appends the event to the log; to be among the last statements of a unit that has one ordering key only.
    ///
    /// From this statement to the commit others who append to the same shard wait.
    package func appendStatement() -> SQL {
        SQL(
            """
            SELECT outbox_append(\(id), \(shard), \(orderingKey), \(aggregateType.rawValue), \(aggregateID), \
            \(type.rawValue), \(version), \(JSONText(payload)), \(correlationID.text), \(causationID), \(traceparent))
            """, name: "outbox_append")
    }

    /// Appends the event if `change`, an UPDATE … RETURNING of one row at most, changes something: both or neither.
    package func appendStatement(forEachRowOf change: SQL) -> SQL {
        SQL(
            """
            WITH changed AS (\(sql: change))
            SELECT outbox_append(\(id), \(shard), \(orderingKey), \(aggregateType.rawValue), \(aggregateID), \
            \(type.rawValue), \(version), \(JSONText(payload)), \(correlationID.text), \(causationID), \(traceparent))
              FROM changed
            """, name: "outbox_append")
    }
}
