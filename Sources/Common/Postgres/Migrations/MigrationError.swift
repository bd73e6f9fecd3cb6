/// Why migrations cannot be read, checked or carried out: the cause, and what mends it.
package enum MigrationError: Error, Sendable, CustomStringConvertible {
    case folder(String)
    /// The file, and the statement in it that would begin or end a transaction.
    case controlsTransaction(String, String)
    /// Files whose content is not what was applied.
    case changed([String])
    /// Applied versions that have no file here.
    case unknown([String])
    /// Files with a lower number than one that is applied.
    case late([String], applied: String)
    /// No such version to go to.
    case noSuchVersion(Int)
    /// How long we waited, and who holds the lock, as far as is known.
    case locked(Duration, holder: String?)
    /// The file that failed; nothing of it remains.
    case script(String, PostgresError)
    /// The connection was lost while the file was being committed: it may or may not be applied.
    case uncertain(String, PostgresError)
    case database(PostgresError)

    package var description: String {
        switch self {
        case .folder(let problem):
            "\(problem). Give the folder with --directory or MIGRATIONS_DIR."
        case .controlsTransaction(let file, let statement):
            "\(file) contains \(statement). Each file runs in one transaction of ours: take the statement out."
        case .changed(let files):
            """
            \(files.joined(separator: ", ")) changed after it was applied. Restore the file as it was \
            (git log -- migrations) and make the change in a new migration.
            """
        case .unknown(let versions):
            """
            the database has \(versions.joined(separator: ", ")), of which there is no file here. \
            Run the release that brought it, or a later one.
            """
        case .late(let files, let applied):
            """
            \(files.joined(separator: ", ")) comes before \(applied), which is applied already. \
            Give it the next free number.
            """
        case .noSuchVersion(let version): "there is no migration \(version)."
        case .locked(let waited, let holder):
            """
            another run has held the migration lock for more than \(waited)\(holder.map { " (\($0))" } ?? ""). \
            Wait for it to end, or end it with SELECT pg_terminate_backend(…), and run this again.
            """
        case .script(let file, let error):
            "\(file) failed and was rolled back entirely: \(error). Mend the file and run this again.\(Self.hint(error))"
        case .uncertain(let file, let error):
            "the connection was lost while \(file) was being committed: \(error). Run operator migrate status to see."
        case .database(let error): "\(error).\(Self.hint(error))"
        }
    }

    private static func hint(_ error: PostgresError) -> String {
        switch error.sqlState {
        case "55P03": " Another session holds a lock on the table: find it in pg_locks, or try in a quieter hour."
        case "42501": " The role of DATABASE_URL lacks a privilege: it needs CREATE on the database or its schema."
        case "57014": " A statement took longer than --timeout allows."
        default: error.code == .unavailable ? " Check DATABASE_URL, and that the server is up." : ""
        }
    }
}
