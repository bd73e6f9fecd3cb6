import Common

/// Whether the database can be reached and logged in to.
struct PostgresConnectionCheck: DoctorCheck {
    static let name = "connection"
    /// Why it cannot; nil when it can.
    let failure: String?
    var isEncrypted = false

    var findings: [Finding] {
        guard let failure else { return [.ok("connected" + (isEncrypted ? ", with TLS" : ", without TLS"))] }
        return [.problem("the database cannot be reached: \(failure)", mend: mend(failure.lowercased()))]
    }

    private func mend(_ failure: String) -> String {
        if failure.contains("password") {
            return "set user and password of DATABASE_URL (or PGUSER and PGPASSWORD) right"
        }
        if failure.contains("database \"") {
            return "create the database, or set its name in DATABASE_URL (or PGDATABASE)"
        }
        if failure.contains("pg_hba") || failure.contains("ssl") || failure.contains("certificate") {
            return
                "what pg_hba.conf and the certificate allow must fit sslmode in DATABASE_URL (or PGSSLMODE, PGSSLROOTCERT)"
        }
        if failure.contains("too many") { return "too many clients: close some, or raise max_connections" }
        return "start it, or mend host and port in DATABASE_URL (or PGHOST, PGPORT); may this machine connect to it?"
    }
}

/// Whether the server is of a release that has what we use.
struct PostgresVersionCheck: DoctorCheck {
    static let name = "version"
    let number: Int
    let text: String

    /// client_connection_check_interval, by which it notices that we are gone.
    static let oldest = 14

    var findings: [Finding] {
        let found = "PostgreSQL \(text)"
        if number / 10_000 >= Self.oldest { return [.ok(found)] }
        return [.problem("\(found) is too old", mend: "use PostgreSQL \(Self.oldest) or later")]
    }
}

/// Whether the schema is what this release needs.
struct MigrationsCheck: DoctorCheck {
    static let name = "migrations"
    /// The last that is applied; 0 when none is.
    let applied: Int
    let needed: Int
    /// By file, where the files are at hand.
    let statuses: [MigrationStatus]

    var findings: [Finding] {
        let changed = statuses.filter { $0.state == .changed }.map { Migration.label($0.version, $0.name) }
        if !changed.isEmpty {
            return [
                .problem(
                    "\(changed.joined(separator: ", ")) changed since it was applied",
                    mend: "restore the file as it was applied; put the change into a new migration")
            ]
        }
        if applied < needed {
            let what =
                applied == 0
                ? "no migration is applied" : "the schema is at version \(applied), and this release needs \(needed)"
            return [.problem(what, mend: "operator migrate up; if that was done, check DATABASE_SCHEMA")]
        }
        if applied > needed {
            return [
                .warning(
                    "the schema is at version \(applied), of a later release than this one (\(needed))",
                    mend: "finish the deployment of that release; this one works with its schema meanwhile")
            ]
        }
        return [.ok("at version \(applied)")]
    }
}

/// Whether this server takes writes.
struct PostgresWritesCheck: DoctorCheck {
    static let name = "writes"
    let isStandby: Bool
    let isReadOnly: Bool

    var findings: [Finding] {
        if isStandby {
            return [
                .problem(
                    "the server is a standby, which takes no writes",
                    mend: "lead DATABASE_URL to the primary, or promote this one")
            ]
        }
        if isReadOnly {
            return [
                .problem(
                    "transactions are read-only",
                    mend: "ALTER ROLE … or ALTER DATABASE … SET default_transaction_read_only = off")
            ]
        }
        return [.ok("taken")]
    }
}

/// Whether a commit survives a crash of the server.
struct DurabilityCheck: DoctorCheck {
    static let name = "durability"
    let fsync: Bool
    let synchronousCommit: String
    let isProduction: Bool

    var findings: [Finding] {
        var found: [Finding] = []
        if !fsync {
            let (text, mend) = ("fsync is off: a power cut destroys the database", "set fsync = on in postgresql.conf")
            found.append(isProduction ? .problem(text, mend: mend) : .warning(text, mend: mend))
        }
        if synchronousCommit == "off" {
            found.append(
                .warning(
                    "synchronous_commit is off: a crash loses what passengers were answered",
                    mend: "ALTER SYSTEM SET synchronous_commit = on; and SELECT pg_reload_conf();"))
        }
        return found.orOK("commits are on disk")
    }
}

/// Whether the server keeps to what we asked of our sessions.
struct SessionCheck: DoctorCheck {
    static let name = "timeouts"
    let statementTimeout: String
    let searchPath: String
    let schema: String

    var findings: [Finding] {
        var lost: [String] = []
        if statementTimeout == "0" { lost.append("statement_timeout") }
        if searchPath != schema { lost.append("search_path") }
        guard lost.isEmpty else {
            return [
                .problem(
                    "the session has lost \(lost.joined(separator: " and ")): a pooler between us drops settings",
                    mend:
                        "lead DATABASE_URL past the pooler, or let it lend whole sessions and pass options on (PgBouncer: pool_mode=session, ignore_startup_parameters without options)"
                )
            ]
        }
        return [.ok("statements end after \(statementTimeout)")]
    }
}

/// Whether a transaction stays open that holds everything back.
struct TransactionsCheck: DoctorCheck {
    static let name = "transactions"
    let longest: Duration
    let isIdle: Bool

    static let tolerated = Duration.seconds(300)

    var findings: [Finding] {
        guard longest > Self.tolerated else { return [.ok("none is open for long")] }
        return [
            .warning(
                "a transaction is open for \(Output.age(longest))\(isIdle ? " and does nothing" : ""): the relay publishes nothing newer if it has written, and nothing is cleaned up",
                mend:
                    "find it: SELECT pid, state, xact_start, query FROM pg_stat_activity ORDER BY xact_start; end it with pg_terminate_backend(pid)"
            )
        ]
    }
}

/// Whether processes can still connect.
struct ConnectionsCheck: DoctorCheck {
    static let name = "free connections"
    let used: Int
    let maximum: Int
    let roleLimit: Int?
    let roleConnections: Int

    /// A rolling deployment of three processes with two connections each, and us.
    static let wanted = 8
    static let fewest = 3

    private var free: Int { min(maximum - used, roleLimit.map { $0 - roleConnections } ?? .max) }

    var findings: [Finding] {
        let text = "\(max(0, free)) of \(min(maximum, roleLimit ?? .max)) connections are free"
        let mend =
            roleLimit == nil
            ? "raise max_connections, or close clients: SELECT application_name, count(*) FROM pg_stat_activity GROUP BY 1"
            : "raise it: ALTER ROLE … CONNECTION LIMIT …, or ALTER DATABASE … CONNECTION LIMIT …"
        if free < Self.fewest { return [.problem(text, mend: mend)] }
        return [free < Self.wanted ? .warning(text, mend: mend) : .ok(text)]
    }
}
