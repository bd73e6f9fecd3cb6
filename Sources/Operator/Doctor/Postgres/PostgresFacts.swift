import Common

/// What the database says of itself and of our session, read in one go.
struct PostgresFacts: Hashable, Sendable {
    var versionNumber: Int
    var version: String
    var isStandby: Bool
    var isReadOnly: Bool
    var statementTimeout: String
    var searchPath: String
    var synchronousCommit: String
    var fsync: Bool
    var isEncrypted: Bool
    var maximumConnections: Int
    var usedConnections: Int
    /// What the role or the database may have at most; nil for any number.
    var roleLimit: Int?
    var roleConnections: Int
    /// The longest transaction that is open, and whether it waits for its client.
    var longestTransaction: Duration
    var isLongestIdle: Bool

    static let question: SQL = """
        SELECT current_setting('server_version_num')::int, current_setting('server_version'), pg_is_in_recovery(),
               current_setting('transaction_read_only') = 'on', current_setting('statement_timeout'),
               current_setting('search_path'), current_setting('synchronous_commit'), current_setting('fsync') = 'on',
               coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),
               current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
               (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
               (SELECT nullif(least(nullif(r.rolconnlimit, -1), nullif(d.datconnlimit, -1)), -1)
                  FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()),
               (SELECT count(*) FROM pg_stat_activity WHERE usename = current_user AND datname = current_database()),
               coalesce(open.seconds, 0), coalesce(open.is_idle, false)
          FROM (SELECT 1) AS one
          LEFT JOIN (SELECT extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds,
                            state LIKE 'idle%' AS is_idle
                       FROM pg_stat_activity
                      WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
                        AND backend_type = 'client backend'
                      ORDER BY xact_start LIMIT 1) open ON true
        """

    init(_ row: PostgresRow) throws(PostgresError) {
        versionNumber = try row.column(0)
        version = try row.column(1)
        isStandby = try row.column(2)
        isReadOnly = try row.column(3)
        statementTimeout = try row.column(4)
        searchPath = try row.column(5)
        synchronousCommit = try row.column(6)
        fsync = try row.column(7)
        isEncrypted = try row.column(8)
        maximumConnections = try row.column(9)
        usedConnections = try row.column(10)
        roleLimit = try row.column(11)
        roleConnections = try row.column(12)
        longestTransaction = .milliseconds(Int(try row.column(13, as: Double.self) * 1000))
        isLongestIdle = try row.column(14)
    }

    /// For tests: a server with which nothing is wrong.
    init() {
        (versionNumber, version, isStandby, isReadOnly) = (150_000, "15.0", false, false)
        (statementTimeout, searchPath, synchronousCommit, fsync) = ("10s", "whatsapp_handler", "on", true)
        (isEncrypted, maximumConnections, usedConnections, roleLimit, roleConnections) = (true, 100, 10, nil, 10)
        (longestTransaction, isLongestIdle) = (.zero, false)
    }
}
