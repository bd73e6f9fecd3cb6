import Common

/// Events of every type there is, each in the forms it takes.
enum EventSamples {
    /// The events of one type; whoever adds a type is made to add it here, and to docs/events.
    static func events(of type: OutboxEventType, user: UUID) -> [OutboxEvent] {
        let now = Timestamp.now
        let caused = OutboxCause(
            correlationID: CorrelationID(), messageSID: "SM" + String(repeating: "1", count: 32),
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        let uncaused = OutboxCause(correlationID: CorrelationID(accepting: "from \"elsewhere\""))
        return switch type {
        case .userRegistered:
            [
                .userRegistered(user, phoneNumber: "+447700900123", at: now, cause: caused),
                .userRegistered(user, phoneNumber: nil, at: now, cause: uncaused),
            ]
        case .userVerified: [.userVerified(user, phoneNumber: "+447700900123", at: now, cause: caused)]
        case .userLocked: [.userLocked(user, reason: "too_many_codes", at: now, cause: caused)]
        case .userOptedOut:
            [
                .userOptedOut(user, at: now, cause: caused),
                .userOptedOut(user, reason: "twilio_21610", at: now, cause: caused),
            ]
        case .userOptedIn: [.userOptedIn(user, at: now, cause: caused)]
        case .userDeleted: [.userDeleted(user, reason: "requested", at: now, cause: uncaused)]
        case .preferencesChanged:
            [
                .preferencesChanged(
                    user, changed: [.init("notifications_enabled", .bool(false))], at: now, cause: caused),
                .preferencesChanged(
                    user, changed: [.init("language", "cy-GB"), .init("timezone", "Europe/London")], at: now,
                    cause: caused),
            ]
        case .journeyCreated: journeys(of: user).map { .journeyCreated($0, at: now, cause: caused) }
        case .claimWithdrawn: [.claimWithdrawn(journeyID: .random(), userID: user, at: now, cause: caused)]
        case .messageFailed:
            [
                .messageFailed(
                    userID: user, outboundID: .random(), errorCode: 63024, reason: "rejected", at: now, cause: caused),
                .messageFailed(
                    userID: user, outboundID: .random(), errorCode: nil, reason: "expired", at: now, cause: caused),
            ]
        }
    }

    private static func journeys(of user: UUID) -> [OutboxEvent.Journey] {
        let whole = OutboxEvent.Journey(
            id: .random(), userID: user, reference: "DR-7K3M9Q", originCRS: "LDS", destinationCRS: "YRK",
            departure: "2026-06-21T14:30:00+01:00", reportedDelayMinutes: 40, isCancelled: false,
            ticketFarePence: 1250, ticketClass: "standard", ticketType: "super_off_peak",
            ticketURL: "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1")
        var bare = whole
        bare.id = .random()
        bare.reportedDelayMinutes = nil
        bare.isCancelled = true
        bare.ticketFarePence = nil
        bare.ticketClass = nil
        bare.ticketType = nil
        bare.ticketURL = nil
        return [whole, bare]
    }
}
