import Common

/// Whether secrets are long, random, of their own, and not the ones that everybody has.
struct SecretsCheck: DoctorCheck {
    static let name = "secrets"

    /// What is looked at of a secret; the value itself is not kept.
    struct Fact: Hashable, Sendable {
        let name: String
        let length: Int
        /// How many different characters it is made of.
        let distinct: Int
        /// It is one of .env.example, or a word that people put in place of one.
        let isPlaceholder: Bool
        /// The same secret has the same mark.
        let mark: Secret

        init(name: String, _ secret: Secret) {
            self.name = name
            length = secret.value.count
            distinct = Set(secret.value).count
            mark = secret
            let text = secret.value.lowercased()
            let decoded = text.hasPrefix("whsec_") ? [UInt8](base64: secret.value.dropFirst(6).utf8) ?? [] : []
            let all = text + String(decoding: decoded, as: UTF8.self).lowercased()
            isPlaceholder = Self.placeholders.contains { all.contains($0) }
        }

        private static let placeholders = [
            "development-only", "changeme", "change-me", "change_me", "password", "example", "your-", "your_",
            "placeholder",
        ]

        /// Two that may be the same: one takes the other's place while it is changed.
        var family: Substring { name.hasSuffix("_SECONDARY") ? name.dropLast("_SECONDARY".count) : name[...] }
    }

    let isProduction: Bool
    let secrets: [Fact]

    /// A secret of so many characters, drawn from 16, has 128 bits.
    private static let enough = 32
    private static let fewest = 16
    private static let varied = 8

    var findings: [Finding] {
        (placeholders + weak + shared).orOK(secrets.isEmpty ? "none is set" : "\(secrets.count) set")
    }

    private func say(_ text: String, mend: String) -> Finding {
        isProduction ? .problem(text, mend: mend) : .warning(text, mend: mend)
    }

    private var placeholders: [Finding] {
        let names = secrets.filter(\.isPlaceholder).map(\.name)
        guard !names.isEmpty else { return [] }
        let text = "\(names.joined(separator: ", ")): known to everybody, as .env.example or a placeholder"
        guard isProduction else { return [.ok(text + "; good enough for development")] }
        return [.problem(text, mend: "set secrets of your own: openssl rand -hex 32; Twilio's are in its console")]
    }

    private var weak: [Finding] {
        secrets.filter { !$0.isPlaceholder }.compactMap { secret in
            if secret.name == "OTP_SECRET" || secret.name == "TWILIO_AUTH_TOKEN", secret.length < Self.enough {
                return say(
                    "\(secret.name) has \(secret.length) characters, \(Self.enough) are needed",
                    mend: secret.name == "OTP_SECRET"
                        ? "openssl rand -hex 32 makes one; codes that are on their way become wrong"
                        : "copy the whole auth token from Twilio's console")
            }
            if secret.length < Self.fewest {
                return say(
                    "\(secret.name) has only \(secret.length) characters",
                    mend: "use one of \(Self.enough): openssl rand -hex 32")
            }
            if secret.distinct < Self.varied {
                return say(
                    "\(secret.name) is made of only \(secret.distinct) different characters",
                    mend: "use a random one: openssl rand -hex 32")
            }
            return nil
        }
    }

    private var shared: [Finding] {
        Dictionary(grouping: secrets) { $0.mark.value }.values
            .filter { Set($0.map(\.family)).count > 1 }
            .map { $0.map(\.name).sorted().joined(separator: " and ") }.sorted()
            .map { say("\($0) are the same", mend: "give each a secret of its own: who learns one has the other") }
    }
}
