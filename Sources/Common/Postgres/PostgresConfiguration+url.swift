import CLibpq

/// A `DATABASE_URL` that cannot be used: says what is wrong with it, never what it holds.
package struct PostgresURLError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
}

extension PostgresConfiguration {
    /// Reads `postgres://user:password@host:port/database?sslmode=verify-full&sslrootcert=…`, as libpq does.
    package init(url: Secret) throws(PostgresURLError) {
        guard url.value.hasPrefix("postgres://") || url.value.hasPrefix("postgresql://") else {
            throw PostgresURLError(description: "expected postgres://user:password@host:port/database")
        }
        var values = try Self.parse(url)
        let host = values.removeValue(forKey: "host") ?? values["hostaddr"] ?? "127.0.0.1"
        guard !host.contains(",") else {
            throw PostgresURLError(description: "names several hosts; name one, such as the pooler's or the primary's")
        }
        guard let port = Int(values.removeValue(forKey: "port") ?? "5432"), (1...65535).contains(port) else {
            throw PostgresURLError(description: "its port is not a number from 1 to 65535")
        }
        guard let sslMode = SSLMode(rawValue: values.removeValue(forKey: "sslmode") ?? "prefer") else {
            let known = SSLMode.allCases.map(\.rawValue).joined(separator: ", ")
            throw PostgresURLError(description: "its sslmode is none of \(known)")
        }
        let user = values.removeValue(forKey: "user") ?? "postgres"
        self.init(
            host: host, port: port, user: user, password: values.removeValue(forKey: "password").map { Secret($0) },
            database: values.removeValue(forKey: "dbname") ?? user, sslMode: sslMode,
            sslRootCert: values.removeValue(forKey: "sslrootcert"))
        values["application_name"].map { applicationName = $0 }
        if let seconds = values["connect_timeout"].flatMap({ Int($0) }), seconds > 0 {
            connectTimeout = .seconds(seconds)
        }
        for ours in ["application_name", "client_encoding", "connect_timeout", "hostaddr"] { values[ours] = nil }
        keywords = values.mapValues { Secret($0) }
    }

    private static func parse(_ url: Secret) throws(PostgresURLError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url.value, &message) else {
            PQfreemem(message)  // It quotes the URL.
            throw PostgresURLError(
                description: "cannot be read; a password's @ : / ? # and % are written as %40 %3A %2F %3F %23 and %25")
        }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return values
    }
}
