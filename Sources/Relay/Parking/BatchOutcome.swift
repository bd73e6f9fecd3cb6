import Common

/// What follows from a sink's answer to an offer: how far the cursor goes, and what is parked on the way.
///
/// The cursor goes over the longest row of events that are taken or parked. What was taken behind it is remembered, so
/// that it is not sent again by us; another relay would, and consumers know it by its id.
struct BatchOutcome: Hashable, Sendable {
    /// Nil when the cursor stays.
    private(set) var acknowledgement: Acknowledgement?
    /// In order, all up to the acknowledgement.
    private(set) var parkings: [Parking] = []
    /// Taken now, for the first time as far as the sink knows.
    private(set) var published: [LoggedEvent] = []
    /// Taken, and behind the acknowledgement.
    private(set) var ahead: Set<Int64> = []
    /// Whether there was no room to park what should have been.
    private(set) var isFull = false

    /// `answer` is nil when nothing was tried.
    ///
    /// It must not be `outOfStep`, which says nothing of events: then nothing comes of it.
    init(
        _ offer: BatchOffer, _ answer: SinkAnswer?, room: ParkingRoom, policy: RelayConfiguration.ParkedPolicy
    ) {
        var taken = offer.known
        var refused: [Int64: EventRefusal] = [:]
        let offered = offer.offered.events
        switch answer {
        case .taken(let count) where offer.isWhole && offer.known.isEmpty:
            published = count == offered.count ? offered : offered.suffix(count)
            acknowledgement = offer.batch.acknowledgement
            return
        case .taken(let count):
            taken.formUnion(offered.lazy.map(\.sequence))
            published = offered.suffix(count)
        case .partly(let some, let refusals):
            published = offered.filter { some.contains($0.sequence) }
            taken.formUnion(published.lazy.map(\.sequence))
            refused = refusals
        case .outOfStep: return
        case nil: break
        }
        advance(over: offer, taken: taken, refused: refused, room, policy)
        let passed = acknowledgement?.sequence ?? .min
        ahead = taken.filter { $0 > passed }
    }

    private mutating func advance(
        over offer: BatchOffer, taken: Set<Int64>, refused: [Int64: EventRefusal], _ room: ParkingRoom,
        _ policy: RelayConfiguration.ParkedPolicy
    ) {
        var room = room
        var blocked = offer.batch.blockedKeys
        let held = offer.batch.held
        for event in offer.batch.events {
            if !taken.contains(event.sequence) {
                let standing: ParkedStanding
                if blocked.contains(event.orderingKey) {
                    standing = .blocked
                } else if let refusal = refused[event.sequence] {
                    standing = ParkedStanding(refused: refusal, attempts: 1)
                } else {
                    return
                }
                guard room.take(event.orderingKey) else {
                    isFull = true
                    return
                }
                // What is given up at once holds up its key only where that is wanted.
                if standing.state != .dead || policy == .hold { blocked.insert(event.orderingKey) }
                parkings.append(Parking(shard: held.shard, event: event, standing: standing))
            }
            acknowledgement = Acknowledgement(
                shard: held.shard, epoch: held.epoch, sequence: event.sequence, occurredAt: event.occurredAt)
        }
    }
}
