/// Whether what leaves the private network is encrypted.
struct TransportCheck: DoctorCheck {
    static let name = "encryption"

    struct Link: Hashable, Sendable {
        var variable: String
        var host: String
        /// Whether the configuration insists on TLS.
        var isEncrypted: Bool
    }

    let isProduction: Bool
    let links: [Link]

    var findings: [Finding] {
        links.filter { !$0.isEncrypted && HostReach($0.host) == .everywhere }.map { link in
            let text = "\(link.variable) is a public address without TLS"
            let mend =
                switch link.variable {
                case "DATABASE_URL": "add sslmode=verify-full (and PGSSLROOTCERT) to it, or at least sslmode=require"
                case "REDIS_URL": "use rediss://, with REDIS_TLS_CA_FILE for a private authority"
                case _: "begin it with https://, and have Twilio call that"
                }
            return isProduction ? .problem(text, mend: mend) : .warning(text, mend: mend)
        }
        .orOK("nothing public without TLS")
    }
}
