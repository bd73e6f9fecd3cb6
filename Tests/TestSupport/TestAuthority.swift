import Subprocess
import SystemPackage

/// A certificate authority of a test's own, made by `openssl` in `directory`.
package struct TestAuthority: Sendable {
    package let directory: String
    /// PEM, for who is to trust it.
    package var file: String { directory + "/ca.pem" }

    package init(in directory: String) async throws {
        self.directory = directory
        try await openssl(["-keyout", directory + "/ca.key", "-out", file, "-subj", "/CN=Test authority"])
    }

    /// A certificate for `names`, like `DNS:localhost,IP:127.0.0.1`, and its key, as PEM files called after `name`.
    package func issue(_ name: String, for names: String) async throws -> (certificate: String, key: String) {
        let (certificate, key) = (directory + "/\(name).pem", directory + "/\(name).key")
        try await openssl([
            "-CA", file, "-CAkey", directory + "/ca.key", "-keyout", key, "-out", certificate, "-subj", "/CN=\(name)",
            "-addext", "subjectAltName=\(names)", "-addext", "basicConstraints=critical,CA:FALSE",
        ])
        return (certificate, key)
    }

    private func openssl(_ arguments: [String]) async throws {
        let made = try await run(
            .name("openssl"),
            arguments: Arguments(
                ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
                    + arguments), output: .discarded, error: .string(limit: 4096))
        guard made.terminationStatus.isSuccess else { throw HarnessError("openssl: \(made.standardError)") }
    }
}
