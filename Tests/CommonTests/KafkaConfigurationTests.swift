import Common
import Testing

@Suite struct KafkaConfigurationTests {
    private func read(
        _ variables: [String: String], builtIn: Set<RelayConfiguration.Sink> = [.redis, .kafka]
    ) -> (configuration: KafkaConfiguration?, problems: [String]) {
        var values = ConfigurationValues(environment: variables)
        let configuration = RelayConfiguration(reading: &values, builtIn: builtIn)
        do {
            try values.check()
            return (configuration.kafka, [])
        } catch {
            return (configuration.kafka, error.problems.map { "\($0.name): \($0.text)" })
        }
    }

    private let wanted = ["RELAY_SINKS": "redis,kafka", "RELAY_KAFKA_BROKERS": "a.example.org:9092, [::1]:9093"]

    @Test func brokersAndTopicsAreRead() throws {
        let (found, problems) = read(wanted.merging(["RELAY_KAFKA_TOPIC_PREFIX": "rail."]) { $1 })
        #expect(problems == [])
        let configuration = try #require(found)
        #expect(configuration.brokers == "a.example.org:9092,[::1]:9093")
        #expect(configuration.topics.name(forType: "user.verified") == "rail.user.verified")
        #expect(!configuration.usesTLS)
        #expect(configuration.login == nil)
        let one = read(wanted.merging(["RELAY_KAFKA_TOPIC": "events"]) { $1 }).configuration
        #expect(one?.topics.name(forType: "user.verified") == "events")
    }

    @Test func aLoginIsReadWholeAndItsPasswordIsNotPrinted() throws {
        let login = [
            "RELAY_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512", "RELAY_KAFKA_SASL_USERNAME": "relay",
            "RELAY_KAFKA_SASL_PASSWORD": "hunter2", "RELAY_KAFKA_TLS": "true",
        ]
        let configuration = try #require(read(wanted.merging(login) { $1 }).configuration)
        #expect(configuration.login?.mechanism == .scramSHA512)
        #expect(configuration.login?.password.value == "hunter2")
        #expect(!"\(configuration)".contains("hunter2"))
        for name in ["RELAY_KAFKA_SASL_MECHANISM", "RELAY_KAFKA_SASL_USERNAME", "RELAY_KAFKA_SASL_PASSWORD"] {
            let problems = read(wanted.merging(login) { $1 }.filter { $0.key != name }).problems
            #expect(problems.count == 1 && problems[0].hasPrefix(name + ": missing"), "\(problems)")
        }
    }

    @Test func nothingIsAskedOfWhoDoesNotWantIt() {
        let (configuration, problems) = read(["RELAY_SINKS": "redis", "RELAY_LEASE_SECONDS": "1"])
        #expect(configuration == nil)
        #expect(problems == [])
    }

    @Test(arguments: [
        ("RELAY_KAFKA_BROKERS", ""), ("RELAY_KAFKA_BROKERS", "a.example.org"),
        ("RELAY_KAFKA_BROKERS", "a:9092,,b:9092"),
        ("RELAY_KAFKA_BROKERS", "kafka://a:9092"), ("RELAY_KAFKA_TOPIC_PREFIX", "a b"), ("RELAY_KAFKA_TOPIC", "ü"),
        ("RELAY_KAFKA_TLS_CA_FILE", "/nowhere"), ("RELAY_KAFKA_TLS", "perhaps"), ("RELAY_LEASE_SECONDS", "8"),
        ("RELAY_KAFKA_SASL_MECHANISM", "GSSAPI"),
    ])
    func whatIsWrongIsNamed(name: String, value: String) {
        let problems = read(wanted.merging([name: value]) { $1 }).problems
        #expect(problems.count == 1 && problems[0].hasPrefix(name + ":"), "\(problems)")
    }

    @Test func whatContradictsIsNamed() {
        let both = ["RELAY_KAFKA_TOPIC_PREFIX": "a.", "RELAY_KAFKA_TOPIC": "b"]
        #expect(
            read(wanted.merging(both) { $1 }).problems == [
                "RELAY_KAFKA_TOPIC: set either it or RELAY_KAFKA_TOPIC_PREFIX, not both"
            ])
        let login = [
            "RELAY_KAFKA_SASL_MECHANISM": "PLAIN", "RELAY_KAFKA_SASL_USERNAME": "u", "RELAY_KAFKA_SASL_PASSWORD": "p",
        ]
        #expect(read(wanted.merging(login) { $1 }).problems.first?.hasPrefix("RELAY_KAFKA_TLS: expected true") == true)
        let here = wanted.merging(login) { $1 }.merging(["RELAY_KAFKA_BROKERS": "127.0.0.1:9092"]) { $1 }
        #expect(read(here).problems == [])
    }

    @Test func aProgramWithoutTheSinkSaysHowToBuildOneWithIt() {
        let problems = read(wanted, builtIn: [.redis]).problems
        #expect(
            problems == [
                "RELAY_SINKS: the sink kafka is not built into this program: build it with `swift build --traits Kafka` "
                    + "(docs/kafka.md)"
            ])
    }
}
