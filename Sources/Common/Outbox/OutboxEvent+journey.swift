extension OutboxEvent {
    /// What `journey.created` tells: a claim as its passenger confirmed it.
    package struct Journey: Hashable, Sendable {
        package var id: UUID
        package var userID: UUID
        /// The short one that passengers see.
        package var reference: String
        package var originCRS: String
        package var destinationCRS: String
        /// RFC 3339 with the offset of Europe/London.
        package var departure: String
        package var reportedDelayMinutes: Int?
        package var isCancelled: Bool
        package var ticketFarePence: Int?
        package var ticketClass: String?
        package var ticketType: String?
        package var ticketURL: String?

        package init(
            id: UUID, userID: UUID, reference: String, originCRS: String, destinationCRS: String, departure: String,
            reportedDelayMinutes: Int?, isCancelled: Bool, ticketFarePence: Int?, ticketClass: String?,
            ticketType: String?, ticketURL: String?
        ) {
            self.id = id
            self.userID = userID
            self.reference = reference
            self.originCRS = originCRS
            self.destinationCRS = destinationCRS
            self.departure = departure
            self.reportedDelayMinutes = reportedDelayMinutes
            self.isCancelled = isCancelled
            self.ticketFarePence = ticketFarePence
            self.ticketClass = ticketClass
            self.ticketType = ticketType
            self.ticketURL = ticketURL
        }
    }

    /// A passenger handed in a claim.
    package static func journeyCreated(_ journey: Journey, at time: Timestamp, cause: OutboxCause) -> OutboxEvent {
        OutboxEvent(
            .journeyCreated, aggregateID: journey.id, userID: journey.userID,
            payload: [
                .init("journey_id", .string(journey.id.description)),
                .init("user_id", .string(journey.userID.description)),
                .init("reference", .string(journey.reference)),
                .init("origin_crs", .string(journey.originCRS)),
                .init("destination_crs", .string(journey.destinationCRS)),
                .init("departure_datetime", .string(journey.departure)),
                .init("reported_delay_minutes", .integer(journey.reportedDelayMinutes)),
                .init("cancelled", .bool(journey.isCancelled)),
                .init("ticket_fare_pence", .integer(journey.ticketFarePence)),
                .init("ticket_class", .string(journey.ticketClass)),
                .init("ticket_type", .string(journey.ticketType)),
                .init("ticket_url", .string(journey.ticketURL)),
                .init("journey_type", "single"),
            ], cause: cause, at: time)
    }

    /// A passenger took a claim back.
    package static func claimWithdrawn(
        journeyID: UUID, userID: UUID, at time: Timestamp, cause: OutboxCause
    ) -> OutboxEvent {
        OutboxEvent(
            .claimWithdrawn, aggregateID: journeyID, userID: userID,
            payload: [
                .init("journey_id", .string(journeyID.description)),
                .init("user_id", .string(userID.description)),
                .init("at", .string(time.rfc3339)),
            ], cause: cause, at: time)
    }
}
