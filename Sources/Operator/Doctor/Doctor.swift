import Common
import Logging
import ServiceLifecycle

/// Looks at everything at once, each area with a deadline, whatever becomes of the others.
struct Doctor: Sendable {
    let settings: DoctorSettings
    let isOffline: Bool

    init(environment: [String: String], isOffline: Bool) {
        settings = DoctorSettings(environment)
        self.isOffline = isOffline
    }

    /// What one area came to.
    private struct Outcome: Sendable {
        var area: DoctorArea
        var checks: [any DoctorCheck]
    }

    /// All areas; `progress` is told how many are done.
    func examine(progress: (Int) -> Void = { _ in }) async -> DoctorReport {
        let reactor = Reactor(name: "doctor")
        defer { reactor.stop() }
        let servers = DoctorServers(settings, reactor: reactor)
        var outcomes: [DoctorArea: [any DoctorCheck]] = [:]
        try? await ConnectedQueue.running(servers.services) {
            await withTaskGroup(of: Outcome.self) { group in
                for area in DoctorArea.allCases where !area.bringsFunctions {
                    group.addTask { Outcome(area: area, checks: await look(at: area, servers)) }
                }
                for await outcome in group {
                    outcomes[outcome.area] = outcome.checks
                    progress(outcomes.count)
                    // What Redis had before we came is asked first.
                    guard outcome.area == .redis else { continue }
                    for area in DoctorArea.allCases where area.bringsFunctions {
                        group.addTask { Outcome(area: area, checks: await look(at: area, servers)) }
                    }
                }
            }
            await servers.http.close()
        }
        var report = DoctorReport()
        for area in DoctorArea.allCases { report.add(area, outcomes[area] ?? []) }
        return report
    }

    private func look(at area: DoctorArea, _ servers: DoctorServers) async -> [any DoctorCheck] {
        do {
            return try await within(area.limit) { try await observe(area, servers) }
        } catch let error as DeadlinePassed {
            return [UnansweredCheck(why: "\(error)")]
        } catch let error as NotLookedAt {
            return [SkippedCheck(why: error.why)]
        } catch {
            return [UnansweredCheck(why: "\(error)")]
        }
    }

    private func observe(_ area: DoctorArea, _ servers: DoctorServers) async throws -> [any DoctorCheck] {
        switch area {
        case .configuration: ConfigurationObserver(settings).checks
        case .postgres: try await PostgresObserver(settings: settings, servers: servers).checks()
        case .redis: try await RedisObserver(settings: settings, servers: servers).checks()
        case .clocks: try await ClockObserver(servers).checks()
        case .queue: try await QueueObserver(servers: servers).checks()
        case .messages: try await MessagesObserver(servers).checks()
        case .relay: try await RelayObserver(settings: settings, servers: servers).checks()
        case .twilio:
            try await online { twilio in try await TwilioObserver(twilio, settings, servers).checks() }
        case .address:
            try await online { twilio in try await AddressObserver(twilio, settings, servers).checks() }
        }
    }

    private func online(
        _ body: (TwilioConfiguration) async throws -> [any DoctorCheck]
    ) async throws -> [any DoctorCheck] {
        if isOffline { throw NotLookedAt("left out (--offline)") }
        guard let twilio = settings.twilio else {
            throw NotLookedAt("mend TWILIO_… and PUBLIC_BASE_URL first: see configuration")
        }
        return try await body(twilio)
    }
}

/// Why an area was not looked at.
struct NotLookedAt: Error {
    let why: String
    init(_ why: String) { self.why = why }
}

/// An area that broke off: what is known is why.
struct UnansweredCheck: DoctorCheck {
    static let name = "answers"
    let why: String
    var findings: [Finding] {
        [
            .problem(
                "could not be looked at: \(why)",
                mend: "if it stays so, look at the server's own log; the other areas say whether it is reached")
        ]
    }
}

/// What took too long.
struct DeadlinePassed: Error, CustomStringConvertible {
    let limit: Duration
    var description: String { "no answer within \(Output.age(limit))" }
}

/// Runs `body`, or throws `DeadlinePassed`; the body is cancelled then and has deadlines of its own.
func within<R: Sendable>(_ limit: Duration, _ body: @escaping @Sendable () async throws -> R) async throws -> R {
    try await withThrowingTaskGroup(of: R?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() ?? nil else { throw DeadlinePassed(limit: limit) }
        return result
    }
}
