/// The kinds of events that leave the service; the raw value is the name other services see.
package enum OutboxEventType: String, Hashable, Sendable, CaseIterable {
    case userRegistered = "user.registered"
    case userVerified = "user.verified"
    case userLocked = "user.locked"
    case userOptedOut = "user.opted_out"
    case userOptedIn = "user.opted_in"
    case userDeleted = "user.deleted"
    case preferencesChanged = "preferences.changed"
    case journeyCreated = "journey.created"
    case claimWithdrawn = "claim.withdrawn"
    case messageFailed = "message.failed"

    var aggregateType: OutboxEvent.AggregateType {
        switch self {
        case .userRegistered, .userVerified, .userLocked, .userOptedOut, .userOptedIn, .userDeleted,
            .preferencesChanged, .messageFailed:
            .user
        case .journeyCreated, .claimWithdrawn: .journey
        }
    }
}
