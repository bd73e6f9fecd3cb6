import ArgumentParser
import Common

struct MigrateStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Lists all migrations and how each stands. Changes nothing.",
        discussion: """
            STATES
              applied  in the database, as in its file
              pending  not applied yet
              changed  applied, and its file is another one since
              unknown  applied, and there is no such file: the database is of a later release

            EXAMPLES
              operator migrate status
              operator migrate status --check && echo current
            """)

    @OptionGroup var options: MigrateOptions

    @Flag(name: .long, help: "Exit with 1 unless every migration is applied.")
    var check = false

    func run() async throws {
        let isCurrent = try await options.withRunner { runner, schema in
            let statuses = try await runner.status()
            options.json ? writeJSON(statuses, schema) : writeTable(statuses)
            return statuses.allSatisfy { $0.state == .applied }
        }
        if check, !isCurrent { throw ExitCode.failure }
    }

    private func writeTable(_ statuses: [MigrationStatus]) {
        let rows = statuses.map { status in
            [
                Migration.label(status.version, status.name), status.state.rawValue,
                status.appliedAt?.rfc3339 ?? "",
            ]
        }
        Output.write(Output.table(["MIGRATION", "STATE", "APPLIED AT"], rows))
    }

    private func writeJSON(_ statuses: [MigrationStatus], _ schema: String) {
        let list = statuses.map { status -> JSONValue in
            [
                "version": .integer(status.version), "name": .string(status.name),
                "state": .string(status.state.rawValue), "applied_at": .string(status.appliedAt?.rfc3339),
            ]
        }
        Output.write(["schema": .string(schema), "migrations": .array(list)])
    }
}
