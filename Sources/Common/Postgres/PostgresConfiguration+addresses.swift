extension PostgresConfiguration {
    /// Where to connect to, in order, rotated by `attempt`; none for a Unix socket, which is not resolved.
    ///
    /// Rotated because a handshake has one deadline: an address that swallows everything would use it up each time.
    func addresses(reactor: Reactor, startingAt attempt: Int) async throws(PostgresError) -> [String] {
        guard !isLocalSocket else { return [] }
        do {
            let found = try await HostResolver(reactor: reactor).resolve(host, port: port, within: connectTimeout)
            let addresses = found.map(\.host)
            let start = attempt % addresses.count
            return Array(addresses[start...] + addresses[..<start])
        } catch {
            throw PostgresError(.unavailable, "the database's host cannot be resolved: \(error)")
        }
    }
}
