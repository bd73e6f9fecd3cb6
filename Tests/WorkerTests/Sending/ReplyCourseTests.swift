import Common
import TestSupport
import Testing

@testable import Worker

/// The whole table: every state, every kind, with and without an attempt, at every moment that matters.
@Suite struct ReplyCourseTests {
    typealias Standing = ReplyCourse.Standing

    static let course = ReplyCourse(evidence: EvidenceSchedule(window: .seconds(150)))
    static let now = Timestamp(seconds: 1_800_000_000)

    /// Every standing of a reply; ages and the time since the attempt in seconds.
    static let standings: [(standing: Standing, age: Int, attempted: Int?)] =
        OutboundReply.State.allCases.flatMap { state in
            OutboundReply.Kind.allCases.flatMap { kind in
                [nil, 0, 19, 20, 59, 60, 119, 120, 149, 150, 151, 86_399, 90_000].flatMap { (attempted: Int?) in
                    [0, 299, 301, 86_399, 86_401].map { age in
                        let age = max(age, attempted ?? 0)
                        return (
                            Standing(
                                state: state, attempts: attempted == nil ? 0 : 1,
                                attemptedAt: attempted.map { now - .seconds($0) }, createdAt: now - .seconds(age),
                                kind: kind), age, attempted
                        )
                    }
                }
            }
        }

    private func isTooOld(_ kind: OutboundReply.Kind, _ age: Int) -> Bool { age > (kind == .code ? 300 : 86_400) }

    @Test func whatIsTakenUp() {
        for (standing, age, attempted) in Self.standings {
            let step = Self.course.step(standing, now: Self.now)
            let expected: ReplyCourse.Step
            if ![.sending, .unknown].contains(standing.state) {
                expected = .done
            } else if let attempted {
                expected = attempted < 20 ? .wait(.seconds(20 - attempted)) : .look
            } else {
                expected = isTooOld(standing.kind, age) ? .fail(.expired) : .attempt
            }
            #expect(step == expected, "\(standing), \(age) s old, attempted \(attempted ?? -1) s ago")
        }
    }

    @Test func whatFollowsFromALook() {
        for (standing, age, attempted) in Self.standings {
            guard let attempted, attempted >= 20 else { continue }
            let isLate = isTooOld(standing.kind, age)
            let givenUp: ReplyCourse.Finding = standing.kind == .chat ? .fail(.expired) : .leave
            #expect(Self.course.finding(.found, standing, now: Self.now) == .sent)
            let unavailable = Self.course.finding(.unavailable, standing, now: Self.now)
            #expect(unavailable == (isLate ? givenUp : .wait(.seconds(5))), "\(standing)")
            let nothing = Self.course.finding(.nothing, standing, now: Self.now)
            let expected: ReplyCourse.Finding
            if attempted < 150 {
                expected = .wait(.seconds(([60, 120, 150].first { $0 > attempted } ?? 0) - attempted))
            } else {
                expected = standing.kind != .chat ? .leave : isLate ? .fail(.expired) : .attempt
            }
            #expect(nothing == expected, "\(standing)")
        }
    }

    @Test func whatFollowsFromAnAttempt() {
        var random = SplitMix64(seed: 1)
        func next(_ outcome: SendOutcome, _ attempts: Int = 1) -> ReplyCourse.Next {
            Self.course.next(after: outcome, attempts: attempts, using: &random)
        }
        #expect(next(.accepted(sid: "SM1")) == .sent(sid: "SM1"))
        #expect(next(.rejected(.init(21211))) == .failed(.init(21211)))
        #expect(next(.rejected(nil)) == .failed(nil))
        #expect(next(.unknown) == .unknown(lookAfter: .seconds(20)))
        let least: [(SendOutcome, Duration)] = [
            (.notSent, .milliseconds(100)), (.rateLimited(retryAfter: nil), .milliseconds(100)),
            (.rateLimited(retryAfter: .seconds(7)), .seconds(7)), (.rateLimited(retryAfter: .zero), .milliseconds(100)),
            (.accountRefused, .seconds(30)),
        ]
        for (outcome, least) in least {
            for attempts in [1, 2, 10, 1000, 32_767] {
                guard case .again(let pause) = next(outcome, attempts) else {
                    Issue.record("\(outcome) is tried again")
                    continue
                }
                #expect(pause >= least, "\(outcome)")
                // Full jitter over half a second that doubles, a minute at most.
                #expect(pause <= least + min(.seconds(60), .milliseconds(500) * (1 << min(attempts - 1, 10))))
            }
        }
    }

    /// Whatever Twilio does, a reply ends: followed from its row, no course is longer than the reply's life.
    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func everyReplyEnds(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for kind in OutboundReply.Kind.allCases {
            var reply = Standing(state: .sending, attempts: 0, attemptedAt: nil, createdAt: Self.now, kind: kind)
            var now = Self.now
            var steps = 0
            course: while steps < 100_000 {
                steps += 1
                switch Self.course.step(reply, now: now) {
                case .done, .fail: break course
                case .wait(let pause): now = now + pause
                case .attempt: attempt()
                case .look:
                    let sight: ReplyCourse.Sight = Bool.random(using: &random) ? .nothing : .unavailable
                    switch Self.course.finding(sight, reply, now: now) {
                    case .sent, .leave, .fail: break course
                    case .wait(let pause): now = now + pause
                    case .attempt: attempt()
                    }
                }
            }
            #expect(steps < 10_000 && reply.attempts < 32_767)
            #expect(now - Self.now < .seconds(86_400 + 700), "\(kind)")

            func attempt() {
                reply.attempts += 1
                reply.attemptedAt = now
                let outcomes: [SendOutcome] = [
                    .unknown, .notSent, .rateLimited(retryAfter: nil), .rateLimited(retryAfter: .seconds(600)),
                    .accountRefused,
                ]
                let outcome = outcomes[Int.random(in: 0..<outcomes.count, using: &random)]
                switch Self.course.next(after: outcome, attempts: reply.attempts, using: &random) {
                case .sent, .failed: Issue.record("not one of these")
                case .again(let pause):
                    reply.attemptedAt = nil
                    now = now + pause
                case .unknown(let pause):
                    reply.state = .unknown
                    now = now + pause
                }
            }
        }
    }
}

@Suite struct SendOutcomeTests {
    func outcome(_ status: Int, _ code: Int? = nil, sid: String? = nil, retryAfter: String? = nil) -> SendOutcome {
        SendOutcome(status: status, code: code.map { .init($0) }, sid: sid, retryAfter: retryAfter)
    }

    @Test func onlyWhatTwilioSaysItHasIsAccepted() {
        #expect(outcome(201, sid: "SM1") == .accepted(sid: "SM1"))
        #expect(outcome(201) == .unknown)
    }

    @Test func rateLimitingIsSafeToRepeatAndSaysWhen() {
        #expect(outcome(429, 20429, retryAfter: "7") == .rateLimited(retryAfter: .seconds(7)))
        #expect(outcome(429) == .rateLimited(retryAfter: nil))
        #expect(outcome(429, retryAfter: "99999999") == .rateLimited(retryAfter: .seconds(600)))
        #expect(outcome(429, retryAfter: "tomorrow") == .rateLimited(retryAfter: nil))
        #expect(outcome(429, retryAfter: "-1") == .rateLimited(retryAfter: .zero))
        for code in [63018, 14107, 20429, 21611] { #expect(outcome(400, code) == .rateLimited(retryAfter: nil)) }
    }

    @Test func refusalsAreFinalAndServerErrorsAreUnknown() {
        #expect(outcome(400, 21211) == .rejected(.init(21211)))
        #expect(outcome(400) == .rejected(nil))
        #expect(outcome(403, 21408) == .rejected(.init(21408)))
        #expect(outcome(404, 21614) == .rejected(.init(21614)))
        for status in [500, 502, 503, 504, 301, 408] { #expect(outcome(status) == .unknown) }
    }

    @Test func whatIsNotTheMessagesFaultWaits() {
        for (status, code) in [(401, 20003), (403, 20005), (403, 20003), (400, 20003), (404, 20404)] {
            #expect(outcome(status, code) == .accountRefused)
        }
        for status in [401, 403, 404, 407] { #expect(outcome(status) == .accountRefused) }
        for status in [409, 425] { #expect(outcome(status) == .notSent) }
        #expect(outcome(409, 21211) == .rejected(.init(21211)))
    }
}

@Suite struct RemedyTests {
    private func reply(
        _ channel: OutboundReply.Channel = .whatsApp, template: Bool = false, variables: String? = nil
    ) -> OutboundReply {
        var reply = OutboundReply(
            inReplyTo: "SM1", position: 0, sender: "s", recipient: "r", channel: channel, body: "b")
        if template { reply.contentSID = "HX1" }
        reply.contentVariables = variables
        return reply
    }

    @Test func onlyTheWindowCallsForATemplate() {
        func remedy(
            _ code: Int?, _ reply: OutboundReply, _ template: String? = "HX1", evaluation: String? = "HX2",
            isOptedOut: Bool = false
        ) -> Remedy {
            Remedy(
                code.map { .init($0) }, of: reply, templates: .init(reply: template, evaluation: evaluation),
                isOptedOut: isOptedOut)
        }
        #expect(remedy(63016, reply()) == .template(contentSID: "HX1", variables: nil))
        #expect(remedy(63016, reply(variables: "{}")) == .template(contentSID: "HX2", variables: "{}"))
        #expect(remedy(63016, reply(variables: "{}"), nil) == .template(contentSID: "HX2", variables: "{}"))
        #expect(
            remedy(63016, reply(variables: "{}"), evaluation: nil) == .template(contentSID: "HX1", variables: nil))
        #expect(remedy(63016, reply(template: true, variables: "{}")) == .tell)
        #expect(remedy(63016, reply(), nil) == .tell)
        #expect(remedy(63016, reply(), isOptedOut: true) == .tell)
        #expect(remedy(63016, reply(.sms)) == .tell)
        #expect(remedy(63016, reply(template: true)) == .tell, "no template in place of a template")
        for code in [21610, 63014, 63033] { #expect(remedy(code, reply()) == .optOut) }
        for code in [21211, 63024, 63032, 63013, 63018, 20003, 63007, 1, nil] as [Int?] {
            #expect(remedy(code, reply()) == .tell)
        }
    }

    @Test func everyMeaningIsMeantByACode() {
        let meanings = Set((10_000..<70_000).map { TwilioErrorCode($0).meaning })
        #expect(meanings == Set(TwilioErrorCode.Meaning.allCases))
    }
}
