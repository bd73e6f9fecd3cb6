/// Where the relay's Kafka sink finds its brokers, how it logs in, and what its topics are called.
package struct KafkaConfiguration: Sendable {
    package enum Mechanism: String, CaseIterable, Sendable {
        case plain = "PLAIN"
        case scramSHA256 = "SCRAM-SHA-256"
        case scramSHA512 = "SCRAM-SHA-512"
    }

    package struct Login: Sendable {
        package let mechanism: Mechanism
        package let user: String
        package let password: Secret

        package init(mechanism: Mechanism, user: String, password: Secret) {
            self.mechanism = mechanism
            self.user = user
            self.password = password
        }
    }

    /// Which topic an event goes to.
    package enum Topics: Hashable, Sendable {
        /// The one of its type, whose name begins with `prefix`.
        case ofType(prefix: String)
        /// This one, whatever its type.
        case one(String)

        package func name(forType type: String) -> String {
            switch self {
            case .ofType(let prefix): prefix + type
            case .one(let name): name
            }
        }
    }

    /// A shorter one could run out before messages are given up, which takes seconds.
    package static let shortestLease: Duration = .seconds(9)

    /// `host:port`, separated by commas.
    package var brokers: String
    package var topics: Topics
    package var usesTLS: Bool
    /// PEM file of the authorities to trust instead of the system's.
    package var caFile: String?
    package var login: Login?

    package init(
        brokers: String, topics: Topics = .ofType(prefix: ""), usesTLS: Bool = false, caFile: String? = nil,
        login: Login? = nil
    ) {
        self.brokers = brokers
        self.topics = topics
        self.usesTLS = usesTLS
        self.caFile = caFile
        self.login = login
    }
}
