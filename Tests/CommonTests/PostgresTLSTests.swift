import Common
import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

@Suite struct PostgresTLSTests {
    /// A server that speaks TLS as `localhost`, and the certificates of its authority and of a stranger.
    private func withTLS(
        _ body: (PostgresServer, _ ours: String, _ strangers: String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { folder in
            for (name, subject) in [("ca", "/CN=Test authority"), ("other", "/CN=Another authority")] {
                try await openssl([
                    "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", subject,
                    "-keyout", "\(folder)/\(name).key", "-out", "\(folder)/\(name).crt",
                ])
            }
            try await openssl([
                "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost", "-keyout", "\(folder)/server.key", "-out", "\(folder)/server.csr",
            ])
            try await openssl([
                "x509", "-req", "-in", "\(folder)/server.csr", "-CA", "\(folder)/ca.crt", "-CAkey", "\(folder)/ca.key",
                "-CAcreateserial", "-days", "2", "-copy_extensions", "copy", "-out", "\(folder)/server.crt",
            ])
            if geteuid() == 0, let user = getpwnam("postgres")?.pointee {
                chown("\(folder)/server.key", user.pw_uid, user.pw_gid)
            }
            chmod("\(folder)/server.key", 0o600)
            let options = [
                "-c", "ssl=on", "-c", "ssl_cert_file=\(folder)/server.crt", "-c", "ssl_key_file=\(folder)/server.key",
            ]
            try await withPostgres(options: options) { try await body($0, "\(folder)/ca.crt", "\(folder)/other.crt") }
        }
    }

    private func openssl(_ arguments: [String]) async throws {
        let result = try await run(
            .name("openssl"), arguments: Arguments(arguments), output: .discarded, error: .string(limit: 10_000))
        guard result.terminationStatus.isSuccess else { throw HarnessError("openssl: \(result.standardError)") }
    }

    @Test func theCertificateIsVerifiedAndTheSessionEncrypted() async throws {
        try await withTLS { server, ours, strangers in
            let base = "postgres://postgres@localhost:\(server.port)/postgres"
            var configuration = try PostgresConfiguration(
                url: Secret("\(base)?sslmode=verify-full&sslrootcert=\(ours)"))
            try await withClient(configuration) { client in
                let isEncrypted: SQL = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
                #expect(try await client.value(isEncrypted) == true)
                // More than a socket takes at once, in both directions.
                let large = [UInt8](repeating: 7, count: 4 << 20)
                let back = try await client.value("SELECT \(large)::bytea", as: [UInt8].self)
                #expect(back == large)
            }

            configuration = try PostgresConfiguration(
                url: Secret("\(base)?sslmode=verify-full&sslrootcert=\(strangers)"))
            #expect(try await refusal(configuration).contains("certificate verify failed"))

            // The right authority, another name than the certificate's.
            configuration = try PostgresConfiguration(
                url: Secret(
                    "postgres://postgres@127.0.0.1:\(server.port)/postgres?sslmode=verify-full&sslrootcert=\(ours)"))
            #expect(try await refusal(configuration).contains("does not match host name"))

            configuration.sslMode = .require
            configuration.sslRootCert = nil
            try await withClient(configuration) { _ = try await $0.unit("SELECT 1") }
            configuration.sslMode = .disable
            try await withClient(configuration) { client in
                let sql: SQL = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
                let isEncrypted = try await client.value(sql, as: Bool.self)
                #expect(!isEncrypted)
            }
        }
    }

    @Test func aServerWithoutTLSIsRefusedWhereItIsRequired() async throws {
        try await withPostgres { server in
            var configuration = try server.configuration()
            configuration.sslMode = .require
            #expect(try await refusal(configuration).contains("does not support SSL"))
        }
    }

    private func refusal(_ configuration: PostgresConfiguration) async throws -> String {
        try await withClient(configuration, ready: false) { client in
            try await until("it was tried") { await client.lastProblem != nil }
            return await failure { try await client.ready(within: .milliseconds(10)) }?.message ?? "connected"
        }
    }
}
