import Common
import Conversation

extension EffectWriter {
    /// Stores a claim with the file of its ticket, and tells others of the journey.
    func submit(_ claim: Conversation.Claim, on decision: inout Decision) {
        let id = UUID.timeOrdered(at: now)
        let departure = Timestamp(seconds: Int64(LondonTime.secondsSince1970(claim.departure)))
        decision.statements.append(
            """
            INSERT INTO claims
              (id, user_id, reference, origin_crs, destination_crs, scheduled_departure, reported_delay_minutes, cancelled,
               ticket_fare_pence, ticket_class, ticket_type, ticket_media_url, ticket_media_type, status, created_at,
               updated_at)
            VALUES
              (\(id), \(person.id), \(claim.reference), \(claim.origin), \(claim.destination), \(departure),
               \(claim.delay.minutes), \(claim.delay.isCancelled), \(claim.fare?.pence), \(claim.ticketClass?.rawValue),
               \(claim.ticketType?.rawValue), \(claim.photo?.url), \(claim.photo?.contentType), 'submitted', \(now),
               \(now))
            """)
        if let photo = claim.photo {
            decision.statements.append(TicketFile.attach(url: photo.url, of: person.id, to: id))
        }
        decision.events.append(
            .journeyCreated(
                .init(
                    id: id, userID: person.id, reference: claim.reference, originCRS: claim.origin,
                    destinationCRS: claim.destination, departure: LondonTime.rfc3339(claim.departure),
                    reportedDelayMinutes: claim.delay.minutes, isCancelled: claim.delay.isCancelled,
                    ticketFarePence: claim.fare?.pence, ticketClass: claim.ticketClass?.rawValue,
                    ticketType: claim.ticketType?.rawValue, ticketURL: claim.photo?.url), at: now, cause: cause))
        decision.counted.append(.claim(.submitted))
    }

    /// Takes a claim back that is not decided; that it is not was read in this turn, which nobody else can have.
    func withdraw(_ reference: String, on decision: inout Decision) {
        guard let claim = person.claims.first(where: { $0.status.reference == reference }) else { return }
        decision.statements.append(
            """
            UPDATE claims SET status = 'withdrawn', updated_at = \(now)
             WHERE id = \(claim.id) AND user_id = \(person.id) AND status IN ('submitted', 'evaluating')
            """)
        decision.events.append(.claimWithdrawn(journeyID: claim.id, userID: person.id, at: now, cause: cause))
        decision.counted.append(.claim(.withdrawn))
    }
}
