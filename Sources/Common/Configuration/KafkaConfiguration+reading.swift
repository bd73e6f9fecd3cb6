import Glibc

extension KafkaConfiguration {
    /// Reads it, and gives it back when the sink is wanted and nothing is wrong with it.
    ///
    /// - `RELAY_KAFKA_BROKERS`: `host:port`, several separated by commas; the cluster's other brokers are found
    /// - `RELAY_KAFKA_TOPIC_PREFIX`: what the topics' names begin with; the event's type follows
    /// - `RELAY_KAFKA_TOPIC`: one topic for all events instead
    /// - `RELAY_KAFKA_TLS` (false), `RELAY_KAFKA_TLS_CA_FILE`: the authorities to trust instead of the system's
    /// - `RELAY_KAFKA_SASL_MECHANISM`: `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`
    /// - `RELAY_KAFKA_SASL_USERNAME`, `RELAY_KAFKA_SASL_PASSWORD` (secret)
    static func reading(_ values: inout ConfigurationValues, isWanted: Bool) -> KafkaConfiguration? {
        let addresses = values.optional("RELAY_KAFKA_BROKERS", expected: brokersExpected, parseBrokers)
        let prefix = values.optionalString(
            "RELAY_KAFKA_TOPIC_PREFIX", expected: "up to 200 \(topicCharacters)", where: { isTopic($0, limit: 200) })
        let topic = values.optionalString(
            "RELAY_KAFKA_TOPIC", expected: "1 to 249 \(topicCharacters)", where: { isTopic($0, limit: 249) })
        let usesTLS = values.bool("RELAY_KAFKA_TLS", default: false)
        let caFile = values.optionalString("RELAY_KAFKA_TLS_CA_FILE", expected: readableFile) { access($0, R_OK) == 0 }
        let login = login(&values)
        guard isWanted else { return nil }

        if topic != nil, prefix != nil {
            values.report("RELAY_KAFKA_TOPIC", "set either it or RELAY_KAFKA_TOPIC_PREFIX, not both")
        }
        guard let addresses else {
            if !values.isSet("RELAY_KAFKA_BROKERS") {
                values.report("RELAY_KAFKA_BROKERS", "missing; RELAY_SINKS names kafka: expected \(brokersExpected)")
            }
            return nil
        }
        if login?.mechanism == .plain, !usesTLS, !addresses.allSatisfy(\.isLoopback) {
            values.report(
                "RELAY_KAFKA_TLS",
                "expected true: PLAIN sends the password as it is, and a broker is not on this machine")
        }
        return KafkaConfiguration(
            brokers: addresses.map { String($0.text.dropFirst("http://".count)) }.joined(separator: ","),
            topics: topic.map { .one($0) } ?? .ofType(prefix: prefix ?? ""), usesTLS: usesTLS, caFile: caFile,
            login: login)
    }

    private static let brokersExpected = "host:port, several separated by commas"
    private static let topicCharacters = "letters, digits, dots, hyphens and underscores"

    private static func parseBrokers(_ text: String) -> [WebAddress]? {
        var found: [WebAddress] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let name = part.drop { $0 == " " }
            guard !name.contains("/"), let address = WebAddress("http://\(name)"), address.port != nil else {
                return nil
            }
            found.append(address)
        }
        return found
    }

    /// Kafka's own rule for names of topics.
    private static func isTopic(_ name: String, limit: Int) -> Bool {
        name.utf8.count <= limit && name != "." && name != ".."
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }

    private static func login(_ values: inout ConfigurationValues) -> Login? {
        let mechanism = values.optional(
            "RELAY_KAFKA_SASL_MECHANISM",
            expected: "one of " + Mechanism.allCases.map(\.rawValue).joined(separator: ", "), Mechanism.init(rawValue:))
        let user = values.optionalString("RELAY_KAFKA_SASL_USERNAME")
        let password = values.optionalSecret("RELAY_KAFKA_SASL_PASSWORD")
        guard let mechanism else {
            if !values.isSet("RELAY_KAFKA_SASL_MECHANISM"), user != nil || password != nil {
                values.report("RELAY_KAFKA_SASL_MECHANISM", "missing; expected beside a user name or password")
            }
            return nil
        }
        if let user, let password { return Login(mechanism: mechanism, user: user, password: password) }
        for name in ["RELAY_KAFKA_SASL_USERNAME", "RELAY_KAFKA_SASL_PASSWORD"] where !values.isSet(name) {
            values.report(name, "missing; expected beside RELAY_KAFKA_SASL_MECHANISM")
        }
        return nil
    }
}
