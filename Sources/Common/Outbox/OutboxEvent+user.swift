extension OutboxEvent {
    /// Someone wrote for the first time; `phoneNumber` is nil when they are known by a user id only.
    package static func userRegistered(
        _ userID: UUID, phoneNumber: String?, at time: Timestamp, cause: OutboxCause
    ) -> OutboxEvent {
        ofUser(
            .userRegistered, userID, at: time, cause: cause,
            [
                .init("phone_number", .string(phoneNumber)),
                .init("registered_at", .string(time.rfc3339)),
            ])
    }

    /// Someone proved to own their number.
    package static func userVerified(
        _ userID: UUID, phoneNumber: String?, at time: Timestamp, cause: OutboxCause
    ) -> OutboxEvent {
        ofUser(
            .userVerified, userID, at: time, cause: cause,
            [
                .init("phone_number", .string(phoneNumber)),
                .init("verified_at", .string(time.rfc3339)),
            ])
    }

    /// Someone may not go on for now; `reason` is a word of ours such as `too_many_codes`.
    package static func userLocked(
        _ userID: UUID, reason: String?, at time: Timestamp, cause: OutboxCause
    ) -> OutboxEvent {
        statusChanged(.userLocked, userID, reason: reason, at: time, cause: cause)
    }

    /// Someone wants no more messages.
    package static func userOptedOut(
        _ userID: UUID, reason: String? = nil, at time: Timestamp, cause: OutboxCause
    ) -> OutboxEvent {
        statusChanged(.userOptedOut, userID, reason: reason, at: time, cause: cause)
    }

    /// Someone wants messages again.
    package static func userOptedIn(
        _ userID: UUID, reason: String? = nil, at time: Timestamp, cause: OutboxCause
    ) -> OutboxEvent {
        statusChanged(.userOptedIn, userID, reason: reason, at: time, cause: cause)
    }

    /// Someone's data were erased.
    package static func userDeleted(
        _ userID: UUID, reason: String? = nil, at time: Timestamp, cause: OutboxCause
    ) -> OutboxEvent {
        statusChanged(.userDeleted, userID, reason: reason, at: time, cause: cause)
    }

    /// Someone changed settings; `changed` has only those that changed, with their new values.
    package static func preferencesChanged(
        _ userID: UUID, changed: [JSONValue.Member], at time: Timestamp, cause: OutboxCause
    ) -> OutboxEvent {
        ofUser(.preferencesChanged, userID, at: time, cause: cause, [.init("changed", .object(changed))])
    }

    /// A reply can never be delivered; `errorCode` is Twilio's, `reason` a word of ours: rejected, undelivered, expired.
    package static func messageFailed(
        userID: UUID, outboundID: UUID, errorCode: Int?, reason: String? = nil, at time: Timestamp, cause: OutboxCause
    ) -> OutboxEvent {
        ofUser(
            .messageFailed, userID, at: time, cause: cause,
            [
                .init("outbound_id", .string(outboundID.description)),
                .init("error_code", .integer(errorCode)),
                .init("reason", .string(reason)),
            ])
    }

    private static func statusChanged(
        _ type: OutboxEventType, _ userID: UUID, reason: String?, at time: Timestamp, cause: OutboxCause
    ) -> OutboxEvent {
        ofUser(
            type, userID, at: time, cause: cause,
            [.init("at", .string(time.rfc3339)), .init("reason", .string(reason))])
    }

    private static func ofUser(
        _ type: OutboxEventType, _ userID: UUID, at time: Timestamp, cause: OutboxCause, _ members: [JSONValue.Member]
    ) -> OutboxEvent {
        OutboxEvent(
            type, aggregateID: userID, userID: userID,
            payload: [.init("user_id", .string(userID.description))] + members, cause: cause, at: time)
    }
}
