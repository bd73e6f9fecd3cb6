import Common
import Conversation
import Logging
import ServiceLifecycle

/// Queue and database, connected, with a schema that this release can work with.
struct ConnectedOperator: Sendable {
    let reactor: Reactor
    let queue: ConnectedQueue
    let postgres: PostgresClient

    /// The record of what was given up on.
    var ledger: DeadLetterLedger {
        DeadLetterLedger(
            redis: queue.redis, postgres: postgres, keys: queue.keys,
            holdsCode: { Conversation.codeCandidate(in: $0) != nil })
    }

    /// Reads the environment, connects, lets `body` work, and closes.
    static func with<R: Sendable>(_ body: (ConnectedOperator) async throws -> R) async throws -> R {
        try await with(reading: { _ in }, { connected, _ in try await body(connected) })
    }

    /// As `with`, for a command that needs more of the environment: problems of both are reported together.
    static func with<More, R: Sendable>(
        reading more: (inout ConfigurationValues) -> More, _ body: (ConnectedOperator, More) async throws -> R
    ) async throws -> R {
        var values = ConfigurationValues()
        let unconnected = ConnectedQueue.Unconnected(reading: &values)
        let database = PostgresConfiguration(reading: &values)
        let further = more(&values)
        try values.check()
        let reactor = Reactor(name: "operator")
        defer { reactor.stop() }
        let (queue, services) = unconnected.make(on: reactor)
        let postgres = PostgresClient(database, reactor: reactor, logger: .silent)
        return try await ConnectedQueue.running(services + [postgres]) {
            let connected = ConnectedOperator(reactor: reactor, queue: queue, postgres: postgres)
            try await queue.waitUntilReady()
            try await postgres.waitUntilUsable()
            return try await body(connected, further)
        }
    }

    /// As `with`, for what goes on for as long as it likes: it does not wait for the servers, which may come and go, and
    /// has them closed when `body` ends.
    ///
    /// `body` is given the services that keep the connections, and runs them.
    static func unconnected<More, R: Sendable>(
        reading more: (inout ConfigurationValues) throws -> More,
        _ body: (ConnectedOperator, More, [any Service]) async throws -> R
    ) async throws -> R {
        var values = ConfigurationValues()
        let unconnected = ConnectedQueue.Unconnected(reading: &values)
        let database = PostgresConfiguration(reading: &values)
        let further = try more(&values)
        try values.check()
        let reactor = Reactor(name: "operator")
        defer { reactor.stop() }
        let (queue, services) = unconnected.make(on: reactor)
        let postgres = PostgresClient(database, reactor: reactor, logger: .silent)
        return try await body(
            ConnectedOperator(reactor: reactor, queue: queue, postgres: postgres), further, services + [postgres])
    }

    /// The addresses under which a person may have written: the one given, and that of whoever has its number.
    func addresses(_ sender: SenderArgument?) async throws(PostgresError) -> [String] {
        guard let sender else { return [] }
        guard let number = sender.phoneNumber else { return [sender.text] }
        let known: SQL = "SELECT sender FROM users WHERE phone_number = \(number) AND sender <> \(sender.text)"
        var all = [sender.text]
        for row in try await postgres.unit(known.named("operator_sender")).rows { all.append(try row.column(0)) }
        return all
    }
}

extension PostgresClient {
    /// Waits for the database, and refuses a schema that is older than this release.
    func waitUntilUsable() async throws {
        let version: Int
        do {
            try await ready(within: ConnectedQueue.patience)
            version = try await Schema.appliedVersion(on: self, within: ConnectedQueue.patience)
        } catch {
            throw UnreachableServer(
                "The database cannot be reached: \(error). Check DATABASE_URL (or PGHOST and what belongs to it).")
        }
        guard version >= Schema.version else {
            throw UnreachableServer(
                "The database's schema is at version \(version), and this release needs \(Schema.version): run operator migrate up. Check DATABASE_SCHEMA if that was done."
            )
        }
    }
}
