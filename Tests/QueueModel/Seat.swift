/// What Redis keeps of one sender.
package struct Seat: Hashable, Sendable {
    /// `q:<sender>`: index 0 is next or in flight.
    package var queue = Line()
    /// The member of `lease`, if there is one.
    package var lease = Due.none
    /// The member of `delay`, if there is one.
    package var delay = Due.none
    /// Whether `own` has a field.
    package var hasOwner = false
    /// 0: not owned.
    package var fence = 0
    package var deliveries = 0
    /// The stored state: 0 is none, else one more than the message that led to it.
    package var state = 0

    package init() {}

    package mutating func own(fence: Int, deliveries: Int) {
        hasOwner = true
        self.fence = fence
        self.deliveries = deliveries
    }

    package mutating func disown() {
        hasOwner = false
        fence = 0
        deliveries = 0
    }
}

/// A time at which something is due, of which only the order matters.
package struct Due: Hashable, Sendable {
    /// 0: no member; 255: not yet; between: over, and in which order.
    package var rank: UInt8

    package static let none = Due(rank: 0)
    package static let later = Due(rank: 255)

    package init(rank: UInt8) { self.rank = rank }

    package var isSet: Bool { rank != 0 }
    package var isOver: Bool { rank != 0 && rank != 255 }
}

/// The seats of up to four senders, without storage of their own.
package struct Seats: Hashable, Sendable {
    private var a = Seat(), b = Seat(), c = Seat(), d = Seat()

    package init() {}

    package subscript(_ sender: Int) -> Seat {
        get {
            switch sender {
            case 0: a
            case 1: b
            case 2: c
            default: d
            }
        }
        _modify {
            switch sender {
            case 0: yield &a
            case 1: yield &b
            case 2: yield &c
            default: yield &d
            }
        }
    }
}
