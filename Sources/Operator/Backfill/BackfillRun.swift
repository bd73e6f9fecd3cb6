import Backfill
import Common

/// One reading of the provider's list for the person at the terminal.
struct BackfillRun {
    private let connected: ConnectedOperator
    private let settings: BackfillCommand.Settings
    private let limits: BackfillLimits
    private let wait: Duration
    private let isDry: Bool

    init(_ connected: ConnectedOperator, _ settings: BackfillCommand.Settings, wait: Duration, isDry: Bool) {
        self.connected = connected
        self.settings = settings
        self.wait = wait
        self.isDry = isDry
        var limits = BackfillLimits()
        limits.delay = settings.delay
        self.limits = limits
    }

    /// Reads the list, alone unless nothing is to be pushed, and pushes what is missing of `senders`, or of everybody.
    func summary(
        _ window: (since: Timestamp, until: Timestamp), _ senders: Set<String>
    ) async throws -> BackfillRound.Summary {
        let bar = Locked(ProgressBar(isDry ? "reading Twilio's list" : "reading Twilio's list, pushing", total: 0))
        let http = HTTPClient(reactor: connected.reactor, maximumConnections: 1)
        let round = BackfillRound(
            listing: MessageListing(http: http, configuration: settings.twilio, limits: limits),
            stored: StoredMessages(postgres: connected.postgres),
            queue: BackfillQueue(redis: connected.queue.redis, keys: connected.queue.keys), limits: limits,
            isDry: isDry,
            progress: { progress in bar.withLock { $0.show(progress.listed) } })
        let plan = BackfillPlan(
            since: window.since, until: window.until, addresses: [settings.twilio.whatsAppNumber])
        let result: Result<BackfillRound.Summary, any Error>
        do {
            if isDry {
                result = .success(try await round.run(plan, PushedMessages(), only: senders))
            } else {
                let lease = try await takeLease()
                result = .success(
                    try await lease.held { try await round.run(plan, PushedMessages(), only: senders) })
            }
        } catch { result = .failure(error) }
        bar.withLock { $0.end() }
        await http.close()
        return try result.get()
    }

    /// Waits until no worker reads: two that push the same messages would do no harm, but twice the work.
    private func takeLease() async throws -> BackfillLease {
        let lease = BackfillLease(
            owner: "operator \(UUID.random())", postgres: connected.postgres, duration: limits.lease)
        let deadline = ContinuousClock.now + wait
        var told = ContinuousClock.now - .seconds(60)
        while true {
            guard case .held(let owner, _) = try await lease.take() else { return lease }
            guard .now < deadline else { throw ReaderBusy(owner: owner) }
            if .now - told > .seconds(10) {
                told = .now
                Output.complain("\(owner) reads Twilio's list: waiting until it is done")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}

/// Somebody else reads the list for longer than was to be waited.
struct ReaderBusy: OperatorFailure, CustomStringConvertible {
    let owner: String
    var description: String {
        "\(owner) still reads Twilio's list. Try again, wait longer with --wait, or look with --dry-run, which waits for nobody."
    }
}
