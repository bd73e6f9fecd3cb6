import Common

/// Looks at the log of events and its sinks.
struct RelayObserver: Sendable {
    let settings: DoctorSettings
    let servers: DoctorServers

    func checks() async throws -> [any DoctorCheck] {
        guard let relay = settings.relay else { throw NotLookedAt("mend RELAY_… first: see configuration") }
        let postgres = try await servers.currentPostgres()
        let overview = try await OutboxOverview(of: nil, on: postgres)
        let wanted = relay.sinks.map(\.rawValue)
        let sinks = overview.sinks.map { sink in
            SinkFacts(
                name: sink.name, isWanted: wanted.contains(sink.name), relays: sink.relays.count,
                unowned: sink.unowned.count, pending: sink.pending, lag: overview.lag(sink.oldest),
                parked: sink.waiting, dead: sink.dead, disabled: sink.disabled?.reason)
        }
        var checks: [any DoctorCheck] = [
            RelaysCheck(sinks: sinks, wanted: wanted, lagLimit: relay.lagLimit), ParkedCheck(sinks: sinks),
            SinksCheck(sinks: sinks),
            PartitionsCheck(
                hasTomorrow: overview.partitions.contains { $0.state == .ahead },
                held: overview.partitions.filter { $0.state == .held }.map(\.name)),
        ]
        if relay.sinks.contains(.redis), let queue = try? await servers.redis() {
            let outbox = ConnectedOutbox(postgres: postgres, redis: queue.redis, keys: relay.redisStream)
            checks.append(
                HistoryCheck(ahead: try await LogRestore(outbox: outbox, everything: false).look().ahead.count))
        }
        return checks
    }
}
