import Common
import Glibc
import Subprocess
import SystemPackage

/// A Postgres of a test's own, on a Unix socket and a port of loopback, in a scratch folder.
package struct PostgresServer: Sendable {
    package let process: ServerProcess
    package let directory: String
    package let port: Int

    /// What `DATABASE_URL` is to be, for the database `name`.
    package func url(database name: String = "postgres") -> String { "postgres://postgres@127.0.0.1:\(port)/\(name)" }

    package func start() async throws {
        try await process.start()
        try await until("postgres answers") {
            try await process.assertRuns()
            return try await run(
                .path(FilePath(Self.programs() + "/pg_isready")),
                arguments: ["-q", "-h", "127.0.0.1", "-p", "\(port)"], output: .discarded
            ).terminationStatus.isSuccess
        }
    }

    /// Like a power cut: every backend dies at once.
    package func kill() async throws { try await process.stop(SIGKILL) }

    /// Runs SQL through `psql` and gives back its unadorned output, a line a row, columns divided by `|`.
    @discardableResult
    package func psql(_ sql: String, database: String = "postgres") async throws -> String {
        let result = try await run(
            .path(FilePath(Self.programs() + "/psql")),
            arguments: ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url(database: database), "-c", sql],
            output: .string(limit: 10_000_000), error: .string(limit: 100_000))
        guard result.terminationStatus.isSuccess else { throw HarnessError("psql: \(result.standardError)") }
        return result.standardOutput.trimmingSuffix { $0.isNewline }
    }

    /// A database of its own; a few milliseconds, where a server takes a second.
    ///
    /// Empty, or like `template`, which nobody may be connected to.
    package func createDatabase(template: String? = nil) async throws -> String {
        let name = "test_" + String(UInt64.random(in: 0 ... .max), radix: 36)
        try await psql("CREATE DATABASE \(name)" + (template.map { " TEMPLATE \($0)" } ?? ""))
        return name
    }

    /// The folder of the newest Postgres installed.
    package static func programs() throws -> String {
        for version in (13...20).reversed() {
            let folder = "/usr/lib/postgresql/\(version)/bin"
            if access(folder + "/postgres", X_OK) == 0 { return folder }
        }
        throw HarnessError("no PostgreSQL found: apt-get install postgresql")
    }
}

/// Runs `body` with a Postgres that ends with the scope.
///
/// It takes one to two seconds to start: share it in a test. `durable` says whether commits are really on disk when
/// they return, slower, needed where the server is killed; `options` are further settings as on the command line,
/// `["-c", "ssl=on"]`.
package func withPostgres<R: Sendable>(
    durable: Bool = false, options: [String] = [], _ body: (PostgresServer) async throws -> R
) async throws -> R {
    try await withTemporaryDirectory { directory in
        let port = try freePort()
        let bin = try PostgresServer.programs()
        // Not by Subprocess' own `userID`: glibc's setxid can wait for ever in a child forked while threads start.
        var asPostgres: [String] = []
        if geteuid() == 0, let user = getpwnam("postgres")?.pointee {
            chown(directory, user.pw_uid, user.pw_gid)
            asPostgres = ["--reuid", "postgres", "--regid", "postgres", "--init-groups"]
        }
        let made = try await run(
            .name("setpriv"),
            arguments: Arguments(
                asPostgres + [
                    bin + "/initdb", "-D", directory + "/data", "-U", "postgres", "--auth=trust", "--no-sync",
                    "--locale=C", "-E", "UTF8",
                ]), workingDirectory: FilePath(directory), output: .discarded, error: .string(limit: 4096))
        guard made.terminationStatus.isSuccess else { throw HarnessError("initdb: \(made.standardError)") }
        // For scripts/record-statements; values are nobody's business.
        let statements = getenv("STATEMENTS").map { String(cString: $0) }
        let recording =
            statements == nil ? [] : ["-c", "log_statement=all", "-c", "log_parameter_max_length=0"]
        let fast = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]
        let process = ServerProcess(
            bin + "/postgres",
            ["-D", directory + "/data", "-k", directory, "-h", "127.0.0.1", "-p", "\(port)"]
                + (durable ? [] : fast) + recording + options, user: "postgres", log: directory + "/postgres.log")
        let server = PostgresServer(process: process, directory: directory, port: port)
        try await server.start()
        let result: Result<R, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        try await process.stop(SIGQUIT)
        if let statements {
            _ = try await run(
                .name("cp"), arguments: ["\(directory)/postgres.log", "\(statements)/\(port)-\(UUID.random()).log"],
                output: .discarded)
        }
        return try result.get()
    }
}

extension String {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        var text = self[...]
        while let last = text.last, predicate(last) { text.removeLast() }
        return String(text)
    }
}
