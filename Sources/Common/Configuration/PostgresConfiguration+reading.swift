import Glibc

extension PostgresConfiguration {
    /// Reads where the database is: an address, or its parts as libpq names them.
    ///
    /// - `DATABASE_URL` (secret): `postgres://user:password@host:port/database?sslmode=…`; required without `PGHOST`
    /// - `PGHOST`, `PGPORT` (5432), `PGUSER` (postgres), `PGPASSWORD` (secret), `PGDATABASE` (the user's name): instead of it
    /// - `PGSSLMODE` (prefer), `PGSSLROOTCERT`: also for a `DATABASE_URL` that does not say
    /// - `DATABASE_SCHEMA` (whatsapp_handler): lower-case letters, digits and `_`
    package init(reading values: inout ConfigurationValues) {
        let url = values.optionalSecret("DATABASE_URL")
        let host = values.optionalString("PGHOST")
        let port = values.int("PGPORT", default: 5432, in: 1...65535)
        let user = values.string("PGUSER", default: "postgres")
        let password = values.optionalSecret("PGPASSWORD")
        let database = values.string("PGDATABASE", default: user)
        let sslMode = values.choice("PGSSLMODE", default: SSLMode.prefer)
        let rootCertificate = values.optionalString("PGSSLROOTCERT", expected: readableFile) { access($0, R_OK) == 0 }
        let schema = values.string(
            "DATABASE_SCHEMA", default: "whatsapp_handler", expected: "lower-case letters, digits and _",
            where: Self.isSchema)

        self.init(
            host: host ?? "127.0.0.1", port: port, user: user, password: password, database: database,
            sslMode: sslMode, sslRootCert: rootCertificate)
        if let url {
            do throws(PostgresURLError) {
                self = try Self(url: url)
                if !url.value.contains("sslmode=") { self.sslMode = sslMode }
                sslRootCert = sslRootCert ?? rootCertificate
            } catch {
                values.report("DATABASE_URL", error.description)
            }
        } else if host == nil, !values.isSet("DATABASE_URL") {
            values.report("DATABASE_URL", "missing; expected postgres://user:password@host:port/database, or PGHOST")
        }
        self.schema = schema
    }
}
