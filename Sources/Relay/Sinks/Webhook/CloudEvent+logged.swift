import Common

extension CloudEvent {
    /// The event of the log as `source` tells it.
    init(_ event: LoggedEvent, source: String) {
        self.init(
            id: event.id, type: event.type, source: source, subject: event.orderingKey, time: event.occurredAt,
            sequence: event.sequence, dataVersion: event.version, correlationID: event.correlationID,
            causationID: event.causationID, traceparent: event.traceparent, isReplay: event.isReplay,
            data: event.payload)
    }
}
