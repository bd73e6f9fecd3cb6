#if Kafka
import Common
import TestSupport
import Testing

@testable import Relay

/// What comes before the first record: settings, certificates, and what is said about them.
@Suite struct KafkaConnectionTests {
    private func failure(of configuration: KafkaConfiguration) async -> SinkError? {
        let reactor = Reactor(name: "kafka-test")
        defer { reactor.stop() }
        let sink = KafkaSink(
            configuration, source: "whatsapp-handler", lease: .seconds(60), reactor: reactor,
            logger: RelayFixture.logger)
        let report = await sink.publish(
            [KafkaEvents.batch([KafkaEvents.event(1, key: "k")])], of: .random(), within: PublishWindow(.seconds(20)))
        #expect(report.answers.isEmpty)
        await sink.close()
        return report.failure
    }

    /// Whoever answers at the broker's address has to prove that it is the broker.
    @Test(.timeLimit(.minutes(1))) func aBrokerNeedsACertificateThatWeTrust() async throws {
        try await withTemporaryDirectory { directory in
            let ours = try await TestAuthority(in: directory)
            let (certificate, key) = try await ours.issue("broker", for: "IP:127.0.0.1")
            let (other, _) = try await ours.issue("other", for: "DNS:kafka.example.org")
            let port = try freePort()
            let server = ServerProcess(
                "openssl", ["s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificate, "-key", key, "-quiet"],
                log: directory + "/server.log")
            try await server.start()
            try await until("the server listens") { connects(toPort: port) }
            var configuration = KafkaConfiguration(brokers: "127.0.0.1:\(port)", usesTLS: true, caFile: other)
            let untrusted = try #require(await failure(of: configuration))
            #expect(untrusted.code == .unavailable)
            #expect(untrusted.description.contains("certificate verify failed"), "\(untrusted)")
            // Trusted it is spoken to, though it does not speak Kafka.
            configuration.caFile = ours.file
            let trusted = try #require(await failure(of: configuration))
            #expect(!trusted.description.contains("certificate"), "\(trusted)")
            try await server.stop()
        }
    }

    @Test func whatTheLibrarySaysOfAPasswordIsNotPassedOn() {
        let log = KafkaLog(RelayFixture.logger, hiding: [Secret("hunter2")])
        log.trouble("login of relay with hunter2 failed")
        #expect(log.lastTrouble == nil)
        log.trouble("login of relay failed")
        #expect(log.lastTrouble == "login of relay failed")
    }

    @Test func timesLeaveTheLeaseAlone() {
        for seconds in 9...300 {
            let lease = Duration.seconds(seconds)
            let times = KafkaTimes(lease: lease)
            // Renewed at most a third and a second before, begun within a third, looked for every second.
            let last = lease / 3 + .seconds(1) + lease / 3 + times.message + .seconds(1)
            #expect(last <= lease, "\(seconds)")
            // As long as a relay waits that was told to stop.
            #expect(times.message + .seconds(1) <= .seconds(5), "\(seconds)")
        }
    }

    @Test func settingsHaveALoginOnlyWhenThereIsOne() {
        func settings(_ configuration: KafkaConfiguration) -> [String: String] {
            let values = KafkaSettings(configuration, KafkaTimes(lease: .seconds(15)), clientID: "relay").values
            return Dictionary(values.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        }
        var configuration = KafkaConfiguration(brokers: "b:9092")
        #expect(settings(configuration)["security.protocol"] == "plaintext")
        #expect(settings(configuration)["enable.idempotence"] == "true")
        #expect(settings(configuration)["message.timeout.ms"] == "3000")
        configuration.usesTLS = true
        #expect(settings(configuration)["security.protocol"] == "ssl")
        #expect(settings(configuration)["sasl.password"] == nil)
        configuration.login = .init(mechanism: .scramSHA256, user: "u", password: Secret("p"))
        #expect(settings(configuration)["security.protocol"] == "sasl_ssl")
        #expect(settings(configuration)["sasl.mechanism"] == "SCRAM-SHA-256")
        #expect(settings(configuration)["sasl.password"] == "p")
    }
}
#endif
