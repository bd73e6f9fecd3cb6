/// Where the database is and how its connections are to behave.
package struct PostgresConfiguration: Sendable {
    /// How much the connection is to be trusted, in libpq's words.
    package enum SSLMode: String, Sendable, CaseIterable {
        case disable, allow, prefer, require
        case verifyCA = "verify-ca"
        case verifyFull = "verify-full"
    }

    /// A name, an address, or the folder of a Unix socket (starting with `/`).
    package var host: String
    package var port: Int
    package var user: String
    package var password: Secret?
    package var database: String
    package var sslMode: SSLMode
    /// The file of certificates that the server's must lead to; `system` roots are not known to this libpq.
    package var sslRootCert: String?
    /// Further libpq keywords of the URL (`sslcert`, `channel_binding`…).
    package var keywords: [String: Secret] = [:]

    /// The only schema on the search path: lower-case letters, digits and `_`.
    package var schema = "whatsapp_handler"
    package var connections = 2
    package var connectTimeout: Duration = .seconds(5)
    /// The server ends a statement that takes longer; zero for never.
    package var statementTimeout: Duration = .seconds(10)
    package var applicationName = "whatsapp-handler"
    /// Further settings of each session, such as `synchronous_commit`.
    package var settings: [String: String] = [:]

    package init(
        host: String, port: Int = 5432, user: String, password: Secret? = nil, database: String,
        sslMode: SSLMode = .prefer, sslRootCert: String? = nil
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.database = database
        self.sslMode = sslMode
        self.sslRootCert = sslRootCert
    }

    /// Whether `name` can be a schema of ours: what needs no quoting anywhere.
    package static func isSchema(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, bytes.count <= 63, !name.hasPrefix("pg_") else { return false }
        let isLetter = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
        }
        return isLetter(first)
            && bytes.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Whether the host is the folder of a Unix socket.
    var isLocalSocket: Bool { host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") }

    /// What libpq is given, `addresses` being what the host's name was resolved to.
    ///
    /// The name is kept for the verification of the certificate; with `hostaddr` libpq looks nothing up.
    func parameters(addresses: [String]) -> [(keyword: String, value: String)] {
        let repeated = { (value: String) in
            Array(repeating: value, count: max(1, addresses.count)).joined(separator: ",")
        }
        var all = keywords.filter { $0.key != "options" }.map { (keyword: $0.key, value: $0.value.value) }
        all += [
            ("host", repeated(host)), ("port", repeated("\(port)")), ("user", user), ("dbname", database),
            ("sslmode", sslMode.rawValue), ("application_name", applicationName), ("client_encoding", "UTF8"),
            ("options", options),
        ]
        if !addresses.isEmpty { all.append(("hostaddr", addresses.joined(separator: ","))) }
        if let password { all.append(("password", password.value)) }
        if let sslRootCert { all.append(("sslrootcert", sslRootCert)) }
        // Kerberos is not looked for unless the URL asks for it: it reads files and resolves names.
        if keywords["gssencmode"] == nil { all.append(("gssencmode", "disable")) }
        return all
    }

    /// Settings of the session, in the form of the server's command line.
    ///
    /// Dates, times and bytes are read by us in one form only. The connection check lets the server notice, in the
    /// middle of a statement, that we are gone.
    private var options: String {
        var all = [
            "search_path": schema, "statement_timeout": "\(statementTimeout.wholeMilliseconds)",
            "client_connection_check_interval": "2000", "datestyle": "ISO", "timezone": "UTC", "bytea_output": "hex",
        ]
        all.merge(settings) { _, ours in ours }
        let words = all.sorted { $0.key < $1.key }.map { name, value in
            "-c \(name)=\(value.map { $0 == " " || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined())"
        }
        return ([keywords["options"]?.value].compactMap { $0 } + words).joined(separator: " ")
    }
}
