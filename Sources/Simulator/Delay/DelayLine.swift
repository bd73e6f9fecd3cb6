import NIOCore

/// When what came in is to leave: one line for all connections of an event loop, since all wait equally long.
///
/// One timer at a time, for the head of the line, which takes with it what is due within `slack`: at many thousand
/// pieces a second a timer for each would cost more than what they carry.
final class DelayLine {
    private static let slack = TimeAmount.microseconds(20)

    private let eventLoop: any EventLoop
    private let delay: TimeAmount
    private var waiting = CircularBuffer<(due: NIODeadline, end: DelayedEnd)>()
    private var isTimed = false

    init(_ eventLoop: any EventLoop, delay: TimeAmount) {
        self.eventLoop = eventLoop
        self.delay = delay
    }

    /// One more piece that has come in at `end`.
    func add(_ end: DelayedEnd) {
        let due = NIODeadline.now() + delay
        waiting.append((due, end))
        if !isTimed { time(due) }
    }

    private func time(_ due: NIODeadline) {
        isTimed = true
        eventLoop.assumeIsolated().scheduleTask(deadline: due) { self.release() }
    }

    private func release() {
        let now = NIODeadline.now() + Self.slack
        var released: [DelayedEnd] = []
        while let (due, end) = waiting.first, due <= now {
            waiting.removeFirst()
            if end.release() { released.append(end) }
        }
        for end in released { end.forward() }
        isTimed = false
        if let next = waiting.first { time(next.due) }
    }
}
