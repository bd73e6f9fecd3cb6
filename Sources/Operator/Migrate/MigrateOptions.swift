import ArgumentParser
import Common
import Logging

/// What the three commands have in common.
struct MigrateOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The folder of migrations (default: $MIGRATIONS_DIR, else migrations here or above the executable).",
            valueName: "folder"), completion: .directory)
    var directory: String?

    @Option(name: .long, help: ArgumentHelp("Seconds to wait for another run to end.", valueName: "seconds"))
    var lockTimeout = 120

    @Option(name: .long, help: ArgumentHelp("Seconds that one file may take.", valueName: "seconds"))
    var timeout = 900

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (0...86_400).contains(lockTimeout) else {
            throw ValidationError("--lock-timeout takes a number from 0 to 86400, not \(lockTimeout).")
        }
        guard (1...86_400).contains(timeout) else {
            throw ValidationError("--timeout takes a number from 1 to 86400, not \(timeout).")
        }
    }

    /// Reads environment and files and lets `body` use the runner, on a reactor that ends with it.
    func withRunner<R: Sendable>(_ body: (MigrationRunner, String) async throws -> R) async throws -> R {
        var values = ConfigurationValues()
        let database = PostgresConfiguration(reading: &values)
        let folder = MigrationFolder.given(by: &values)
        try values.check()
        let migrations = try MigrationFolder.read(MigrationFolder.find(given: directory ?? folder))
        let reactor = Reactor(name: "operator")
        defer { reactor.stop() }
        var logger = Logger(label: "operator", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        let runner = MigrationRunner(
            migrations, on: database, reactor: reactor, logger: logger, lockWait: .seconds(lockTimeout),
            fileTimeout: .seconds(timeout), report: Self.report)
        return try await body(runner, database.schema)
    }

    private static func report(_ progress: MigrationProgress) {
        switch progress {
        case .waitingForLock(let waited, let holder):
            let who = holder.map { ": \($0)" } ?? ""
            Output.complain("waiting for another run to end, \(waited.components.seconds) s so far\(who)")
        case .ofLaterRelease(let names):
            Output.complain("a later release brought \(names.joined(separator: ", ")), with which this one runs too")
        case .applying(let migration): Output.complain("applying \(migration)")
        case .applied(let migration, let time): Output.complain("applied \(migration) in \(time.wholeMilliseconds) ms")
        case .reverting(let migration): Output.complain("reverting \(migration)")
        case .reverted(let migration, let time):
            Output.complain("reverted \(migration) in \(time.wholeMilliseconds) ms")
        }
    }

    /// Prints what was, or with `dryRun` would be, done to `schema`.
    func write(_ verb: String, _ migrations: [Migration], in schema: String, dryRun: Bool) {
        if json {
            let list = migrations.map {
                JSONValue.object([.init("version", .integer($0.version)), .init("name", .string($0.name))])
            }
            return Output.write(["schema": .string(schema), verb: .array(list), "dry_run": .bool(dryRun)])
        }
        guard !migrations.isEmpty else { return Output.write("\(schema): nothing to do") }
        let names = migrations.map(\.description).joined(separator: ", ")
        Output.write("\(schema): \(dryRun ? "would have " : "")\(verb) \(names)")
    }
}
