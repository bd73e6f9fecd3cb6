import Common
import CoreMetrics
import Logging

/// The breaker that all parts of a worker share, with a gauge and a line in the log for each change.
final class TwilioGate: Sendable {
    private struct Guarded {
        var breaker = Breaker()
        var seen = Breaker.State.closed
    }

    private let guarded = Locked(Guarded())
    private let gauge = Meter(label: MetricName.breakerState.rawValue)
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
        gauge.set(Breaker.State.closed.rawValue)
    }

    /// Whether Twilio is believed to be there.
    var state: Breaker.State { guarded.withLock { $0.breaker.state(.now) } }

    /// How many of `room` senders may be claimed: none while Twilio is away.
    func admit(_ room: Int) -> Int { change { $0.admission(of: room, .now) } }

    /// How long to wait before asking for the right to send, or nil.
    func waitBeforeAsking() -> Duration? { change { $0.waitBeforeAsking(.now) } }

    /// How long to wait before a request, or nil: then `record` or `withdraw` is to follow.
    func wait(for request: Breaker.Request) -> Duration? { change { $0.wait(for: request, .now) } }

    /// Notes what a request came to; nil is nothing about Twilio.
    func record(_ result: Breaker.Result?, of request: Breaker.Request) {
        change { breaker in
            if let result { breaker.record(result, of: request, .now) } else { breaker.withdraw() }
        }
        if result == .refused {
            logger.error(
                """
                Twilio refuses our account or credentials: replies wait. Check TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN or the \
                API key, TWILIO_API_BASE_URL, and the account itself
                """)
        }
    }

    /// The request is not made after all.
    func withdraw() { change { $0.withdraw() } }

    private func change<R>(_ body: (inout Breaker) -> R) -> R {
        let (result, changed) = guarded.withLock { guarded in
            let result = body(&guarded.breaker)
            let state = guarded.breaker.state(.now)
            defer { guarded.seen = state }
            return (result, guarded.seen == state ? nil : state)
        }
        if let changed { tell(changed) }
        return result
    }

    private func tell(_ state: Breaker.State) {
        gauge.set(state.rawValue)
        switch state {
        case .closed: logger.notice("Twilio answers again: replies are sent")
        case .halfOpen: logger.info("Twilio is tried with one reply")
        case .open: logger.warning("Twilio does not answer: replies wait, and no passenger's message is taken up")
        }
    }
}
