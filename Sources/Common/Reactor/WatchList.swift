import Glibc

/// The descriptors a reactor polls and who is told of each.
///
/// Slots of descriptors that are no longer watched are blanked at once and removed between turns,
/// so a handler may unwatch any descriptor, its own included, while the list is being gone through.
struct WatchList {
    typealias Handler = (Reactor.Interest) -> Void

    private var slots: [pollfd] = []
    private var handlers: [Handler] = []
    private var hasBlanks = false

    mutating func add(_ descriptor: Int32, _ interest: Reactor.Interest, _ handler: @escaping Handler) {
        precondition(index(of: descriptor) == nil, "reactor: descriptor \(descriptor) is already watched")
        slots.append(pollfd(fd: descriptor, events: interest.rawValue, revents: 0))
        handlers.append(handler)
    }

    mutating func setInterest(_ descriptor: Int32, _ interest: Reactor.Interest) {
        guard let index = index(of: descriptor) else { return }
        slots[index].events = interest.rawValue
    }

    mutating func remove(_ descriptor: Int32) {
        guard let index = index(of: descriptor) else { return }
        slots[index].fd = -1  // poll ignores it
        slots[index].revents = 0
        handlers[index] = { _ in }
        hasBlanks = true
    }

    /// Waits up to `milliseconds` (-1: for ever) and says how many slots may be ready.
    mutating func poll(milliseconds: Int32) -> Int {
        compact()
        return Glibc.poll(&slots, nfds_t(slots.count), milliseconds) > 0 ? slots.count : 0
    }

    /// What slot `index` is ready for and who wants to know; nil when it is not ready or was blanked meanwhile.
    func ready(_ index: Int) -> (handler: Handler, interest: Reactor.Interest)? {
        guard slots[index].revents != 0, slots[index].fd >= 0 else { return nil }
        return (handlers[index], Reactor.Interest(rawValue: slots[index].revents))
    }

    private func index(of descriptor: Int32) -> Int? { slots.firstIndex { $0.fd == descriptor } }

    private mutating func compact() {
        guard hasBlanks else { return }
        hasBlanks = false
        var kept = 0
        for index in slots.indices where slots[index].fd >= 0 {
            slots[kept] = slots[index]
            handlers[kept] = handlers[index]
            kept += 1
        }
        slots.removeLast(slots.count - kept)
        handlers.removeLast(handlers.count - kept)
    }
}
