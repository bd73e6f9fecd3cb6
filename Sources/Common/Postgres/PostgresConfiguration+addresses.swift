extension PostgresConfiguration {
    /// Where to connect to, in order, rotated by `attempt`; none for a Unix socket, which is not resolved.
    ///
    /// Rotated because a handshake has one deadline: an address that swallows everything would use it up each time.
    func addresses(reactor: Reactor, startingAt attempt: Int) async throws(PostgresError) -> [String] {
        []
    }
}
