/// What a parked event is there for; the words of `outbox_parked.state`.
enum ParkedState: String, Hashable, Sendable, CaseIterable {
    /// It was refused and is to be tried again.
    case retry
    /// It was never tried: an event of its key before it is parked.
    case blocked
    /// It is given up.
    case dead
}

/// How a parked event stands after it was refused or came up behind one that was.
struct ParkedStanding: Hashable, Sendable {
    let state: ParkedState
    /// Refusals so far.
    let attempts: Int
    /// Until it is tried again.
    var pause: Duration = .zero
    var status: Int?
    var error: String?

    /// It waits behind an event of its key.
    static let blocked = ParkedStanding(state: .blocked, attempts: 0)

    private init(state: ParkedState, attempts: Int) {
        self.state = state
        self.attempts = attempts
    }

    /// It was refused, for the `attempts`-th time.
    init(refused refusal: EventRefusal, attempts: Int) {
        let pause = refusal.isFinal ? nil : ParkingSchedule.pause(afterRefusals: attempts)
        state = pause == nil ? .dead : .retry
        self.attempts = attempts
        self.pause = pause ?? .zero
        status = refusal.status
        error = refusal.description
    }
}

/// An event of the log that is to be parked when its cursor passes it.
struct Parking: Hashable, Sendable {
    let shard: Int
    let event: LoggedEvent
    let standing: ParkedStanding
}
