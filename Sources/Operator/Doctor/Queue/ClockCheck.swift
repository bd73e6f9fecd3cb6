import Common

/// How far clocks are apart: leases, windows and the order of what is told go by them.
struct ClockCheck: DoctorCheck {
    static let name = "skew"

    /// A clock, seen from here: ahead of ours by so much, give or take half the way there and back.
    struct Reading: Hashable, Sendable {
        var name: String
        var ahead: Duration
        var uncertainty: Duration
    }

    let readings: [Reading]

    static let tolerated = Duration.seconds(1)
    static let unbearable = Duration.seconds(30)

    var findings: [Finding] {
        let all = readings + [Reading(name: "this machine", ahead: .zero, uncertainty: .zero)]
        var found: [Finding] = []
        for (index, one) in all.enumerated() {
            for other in all[(index + 1)...] {
                let apart = Self.magnitude(one.ahead - other.ahead)
                let certain = apart - one.uncertainty - other.uncertainty
                guard certain > Self.tolerated else { continue }
                let text = "the clocks of \(one.name) and \(other.name) are \(InboundSteps.elapsed(apart)) apart"
                let mend = "let every machine follow an NTP server (chronyc tracking, timedatectl)"
                found.append(certain > Self.unbearable ? .problem(text, mend: mend) : .warning(text, mend: mend))
            }
        }
        let most = readings.map { Self.magnitude($0.ahead) }.max() ?? .zero
        return found.orOK(
            "\(readings.map(\.name).joined(separator: ", ")): at most \(InboundSteps.elapsed(most)) from ours")
    }

    private static func magnitude(_ time: Duration) -> Duration { time < .zero ? .zero - time : time }
}

/// Asks the servers for the time.
struct ClockObserver: Sendable {
    private let servers: DoctorServers

    init(_ servers: DoctorServers) { self.servers = servers }

    func checks() async throws -> [any DoctorCheck] {
        var readings: [ClockCheck.Reading] = []
        if let postgres = try? await servers.postgres() {
            // The first round trip prepares the statement.
            let question: SQL = "SELECT clock_timestamp()"
            try await postgres.unit(question.named("doctor_clock"))
            let sent = Timestamp.now
            let row = try await postgres.unit(question.named("doctor_clock")).rows.first
            if let time = try row?.column(0, as: Timestamp.self) { readings.append(reading("Postgres", time, sent)) }
        }
        if let redis = try? await servers.redis().redis {
            let sent = Timestamp.now
            let words = try await redis.send(RedisCommand("TIME")).array?.compactMap { $0.string.flatMap { Int64($0) } }
            if let words, words.count == 2 {
                readings.append(reading("Redis", Timestamp(microseconds: words[0] * 1_000_000 + words[1]), sent))
            }
        }
        guard !readings.isEmpty else { throw NotLookedAt("neither server answers: see postgres and redis") }
        return [ClockCheck(readings: readings)]
    }

    private func reading(_ name: String, _ time: Timestamp, _ sent: Timestamp) -> ClockCheck.Reading {
        let half = Duration.microseconds((Timestamp.now - sent).wholeMicroseconds / 2)
        return ClockCheck.Reading(name: name, ahead: time - (sent + half), uncertainty: half)
    }
}
