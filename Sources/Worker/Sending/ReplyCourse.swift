import Common

/// The course of a reply from its row to Twilio and back, as decisions over values: nothing here waits or writes.
///
/// `sending -> sent | failed | sending again | unknown`, and `unknown -> sent | sending again | left`.
struct ReplyCourse: Sendable {
    var evidence: EvidenceSchedule
    /// How long a reply of the conversation may wait to be sent: then WhatsApp's 24-hour window is closed anyway.
    var chatLifetime: Duration = .seconds(86_400)
    /// How long a one-time code may wait: then it no longer works.
    var codeLifetime: Duration = CodePolicy.lifetime

    private static let retries = Backoff(base: .milliseconds(500), cap: .seconds(60))
    private static let shortestRetry = Duration.milliseconds(100)
    /// How long a sender waits while our account is refused.
    static let accountPause = Duration.seconds(30)
    /// How long it waits when Twilio's list cannot be read.
    static let lookupPause = Duration.seconds(5)

    /// What of a reply decides.
    struct Standing: Hashable, Sendable {
        var state: OutboundReply.State
        /// How often it was attempted, an attempt under way included.
        var attempts: Int
        /// When the last attempt was made that may have been processed; nil when none was.
        var attemptedAt: Timestamp?
        var createdAt: Timestamp
        var kind: OutboundReply.Kind
    }

    // MARK: Taken up

    /// What to do with a reply that is taken up.
    enum Step: Hashable, Sendable {
        /// Nothing more: the next one's turn.
        case done
        case attempt
        /// It is too early for evidence.
        case wait(Duration)
        /// Ask Twilio's list, then `afterLook`.
        case look
        /// It is too late for it.
        case fail(FailureReason)
    }

    func step(_ reply: Standing, now: Timestamp) -> Step {
        switch reply.state {
        case .sent, .delivered, .read, .failed, .undelivered: return .done
        case .sending, .unknown: break
        }
        guard let attemptedAt = reply.attemptedAt else {
            return isTooOld(reply, now) ? .fail(.expired) : .attempt
        }
        switch evidence.step(attemptedAt: attemptedAt, now: now) {
        case .wait(let pause): return .wait(pause)
        case .look: return .look
        }
    }

    // MARK: Attempted

    /// What an attempt came to.
    enum Next: Hashable, Sendable {
        case sent(sid: String)
        case failed(TwilioErrorCode?)
        /// As if never attempted; taken up again after the pause.
        case again(after: Duration)
        /// Evidence is looked for after the pause.
        case unknown(lookAfter: Duration)
    }

    /// What follows from an outcome; `attempts` counts the one it is of.
    func next(
        after outcome: SendOutcome, attempts: Int, using random: inout some RandomNumberGenerator
    ) -> Next {
        switch outcome {
        case .accepted(let sid): return .sent(sid: sid)
        case .rejected(let code): return .failed(code)
        case .rateLimited(let retryAfter): return .again(after: retry(attempts, atLeast: retryAfter, &random))
        case .notSent: return .again(after: retry(attempts, atLeast: nil, &random))
        case .accountRefused: return .again(after: retry(attempts, atLeast: Self.accountPause, &random))
        case .unknown: return .unknown(lookAfter: evidence.firstLook)
        }
    }

    // MARK: Looked up

    /// What Twilio's list said.
    enum Sight: Hashable, Sendable {
        case found
        case nothing
        /// The list could not be read.
        case unavailable
    }

    /// What follows from a look.
    enum Finding: Hashable, Sendable {
        case sent
        /// Look again after the pause.
        case wait(Duration)
        case attempt
        /// It is not sent again, and stays unknown: only a callback can still tell.
        case leave
        case fail(FailureReason)
    }

    func finding(_ sight: Sight, _ reply: Standing, now: Timestamp) -> Finding {
        if sight == .found { return .sent }
        let isLate = isTooOld(reply, now)
        if sight == .unavailable { return isLate ? giveUp(reply) : .wait(Self.lookupPause) }
        if let attemptedAt = reply.attemptedAt {
            switch evidence.step(attemptedAt: attemptedAt, now: now) {
            case .wait(let pause), .look(thenWait: let pause?): return .wait(pause)
            case .look(thenWait: nil): break
            }
        }
        switch reply.kind {
        case .chat: return isLate ? giveUp(reply) : .attempt
        // A second code would be no help: the passenger asks for a new one. A template's text is Twilio's, so that the
        // list is weak evidence, and one too many is worse than none.
        case .code, .template: return .leave
        }
    }

    private func giveUp(_ reply: Standing) -> Finding {
        switch reply.kind {
        case .chat: .fail(.expired)
        case .code, .template: .leave
        }
    }

    private func isTooOld(_ reply: Standing, _ now: Timestamp) -> Bool {
        let lifetime =
            switch reply.kind {
            case .chat, .template: chatLifetime
            case .code: codeLifetime
            }
        return now - reply.createdAt > lifetime
    }

    private func retry(
        _ attempts: Int, atLeast least: Duration?, _ random: inout some RandomNumberGenerator
    ) -> Duration {
        let jitter = Self.retries.delay(attempt: attempts - 1, using: &random)
        // What was asked for, and then not everybody at once.
        return max(Self.shortestRetry, (least ?? .zero) + jitter)
    }
}

/// Why a reply can never be delivered: the `reason` of `message.failed`.
enum FailureReason: String, Hashable, Sendable, CaseIterable {
    /// Twilio refused it.
    case rejected
    /// Twilio took it and could not deliver it.
    case undelivered
    /// It could not be sent while it was worth sending.
    case expired
}
