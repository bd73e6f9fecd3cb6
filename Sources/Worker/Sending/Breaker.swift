import Common

/// Whether Twilio is worth asking now: a value, fed with what requests came to.
///
/// Closed until `failuresToOpen` attempts in a row have failed without an answer of Twilio's own; then open for
/// 2, 4, 8, 16, 30 s; then half-open: one attempt at a time is let through, and what becomes of it decides. A 4xx is
/// an answer like a 201. A refused account opens it at once.
struct Breaker: Hashable, Sendable {
    static let failuresToOpen = 5
    static let firstPause = Duration.seconds(2)
    static let longestPause = Duration.seconds(30)
    /// When the attempt that was let through is not heard of again: longer than a request may take.
    static let probeLimit = Duration.seconds(20)
    /// How often a half-open breaker lets a sender be claimed: not each one that is claimed makes an attempt.
    static let admissionInterval = Duration.milliseconds(100)

    typealias Instant = ContinuousClock.Instant

    /// The value of `whatsapp_twilio_breaker_state`.
    enum State: Int, Hashable, Sendable, CaseIterable { case closed = 0, halfOpen, open }

    /// What a request came to, as far as Twilio's health goes.
    enum Result: Hashable, Sendable {
        /// Twilio answered for itself.
        case answered
        /// No answer, no connection, or a 5xx.
        case failed
        /// Our account is refused.
        case refused
    }

    /// What a request is for: lookups are no proof that messages can be sent.
    enum Request: Hashable, Sendable { case create, lookup }

    private var failures = 0
    /// How often it has opened since it was last closed.
    private var openings = 0
    private var openUntil: Instant?
    private var probedAt: Instant?
    private var admittedAt: Instant?

    func state(_ now: Instant) -> State {
        guard let openUntil else { return .closed }
        return now < openUntil ? .open : .halfOpen
    }

    /// How many of `room` senders may be claimed.
    mutating func admission(of room: Int, _ now: Instant) -> Int {
        switch state(now) {
        case .closed: return room
        case .open: return 0
        case .halfOpen:
            guard !isProbing(now), admittedAt.map({ now - $0 >= Self.admissionInterval }) ?? true else { return 0 }
            if room > 0 { admittedAt = now }
            return min(room, 1)
        }
    }

    /// How long to wait before asking again, or nil: go, and `record` what came of it.
    mutating func wait(for request: Request, _ now: Instant) -> Duration? {
        switch (state(now), request) {
        case (.closed, _), (.halfOpen, .lookup): return nil
        case (.open, _): return openUntil.map { $0 - now }
        case (.halfOpen, .create):
            if isProbing(now) { return .seconds(1) }
            probedAt = now
            return nil
        }
    }

    /// As `wait(for: .create)`, without taking the place of the one attempt that is let through.
    func waitBeforeAsking(_ now: Instant) -> Duration? {
        switch state(now) {
        case .closed: nil
        case .open: openUntil.map { $0 - now }
        case .halfOpen: isProbing(now) ? .seconds(1) : nil
        }
    }

    mutating func record(_ result: Result, of request: Request, _ now: Instant) {
        switch (result, state(now)) {
        case (.answered, _):
            if request == .create { self = Breaker() }
        case (.failed, .closed):
            failures += 1
            if failures >= Self.failuresToOpen { open(for: pause, now) }
        case (.failed, .halfOpen): open(for: pause, now)
        // Begun before it opened: nothing new.
        case (.failed, .open): break
        case (.refused, .closed), (.refused, .halfOpen): open(for: Self.longestPause, now)
        case (.refused, .open): break
        }
    }

    /// The attempt that was let through is not made after all.
    mutating func withdraw() { probedAt = nil }

    private var pause: Duration { min(Self.firstPause * (1 << min(openings, 8)), Self.longestPause) }

    private func isProbing(_ now: Instant) -> Bool { probedAt.map { now - $0 < Self.probeLimit } ?? false }

    private mutating func open(for pause: Duration, _ now: Instant) {
        openings += 1
        openUntil = now + pause
        failures = 0
        probedAt = nil
        admittedAt = nil
    }
}
