#if Kafka
import Common

/// How long things may take at the brokers, so that all is decided while the lease lasts, renewed or not.
///
/// A publication begins nothing after a third of the lease, and begins when at most a third and a second have passed
/// since the lease was renewed. librdkafka gives up a message `message` after it was handed over, and looks for such
/// ones every second; it sends nothing that it has given up. Five seconds after it was told to stop a relay waits for
/// nothing more.
struct KafkaTimes: Hashable, Sendable {
    /// How long a message may be under way.
    let message: Duration
    /// When a report is so late that none will come any more.
    var report: Duration { message + .seconds(3) }

    init(lease: Duration) {
        message = max(.seconds(1), min(.seconds(4), lease / 3 - .seconds(2)))
    }
}

/// What librdkafka is told, by its names
/// (https://github.com/confluentinc/librdkafka/blob/v2.0.2/CONFIGURATION.md).
struct KafkaSettings: Sendable {
    /// In the order in which they are set; secrets among them.
    let values: [(name: String, value: String)]
    /// What no log line may show.
    let secrets: [Secret]

    init(_ configuration: KafkaConfiguration, _ times: KafkaTimes, clientID: String) {
        let message = String(times.message.wholeMilliseconds)
        var values = [
            ("bootstrap.servers", configuration.brokers), ("client.id", clientID),
            // Of what is sent again after a lost answer the broker knows that it has it, and keeps its order.
            ("enable.idempotence", "true"), ("acks", "all"), ("max.in.flight.requests.per.connection", "5"),
            // As Java's and JavaScript's producers do, so that a key is in the same partition whoever wrote it.
            ("partitioner", "murmur2_random"),
            ("message.timeout.ms", message), ("request.timeout.ms", message),
            ("topic.metadata.propagation.max.ms", String(times.message.wholeMilliseconds / 2)),
            ("socket.timeout.ms", message),
            ("socket.connection.setup.timeout.ms", message), ("reconnect.backoff.max.ms", "2000"),
            ("queue.buffering.max.messages", String(2 * KafkaDelivery.limit)), ("linger.ms", "1"),
            ("socket.keepalive.enable", "true"), ("log.connection.close", "false"), ("log.queue", "true"),
            ("security.protocol", Self.protocolName(configuration)),
        ]
        if let file = configuration.caFile { values.append(("ssl.ca.location", file)) }
        if let login = configuration.login {
            values += [
                ("sasl.mechanism", login.mechanism.rawValue), ("sasl.username", login.user),
                ("sasl.password", login.password.value),
            ]
        }
        self.values = values
        secrets = configuration.login.map { [$0.password] } ?? []
    }

    private static func protocolName(_ configuration: KafkaConfiguration) -> String {
        switch (configuration.usesTLS, configuration.login != nil) {
        case (false, false): "plaintext"
        case (true, false): "ssl"
        case (false, true): "sasl_plaintext"
        case (true, true): "sasl_ssl"
        }
    }
}
#endif
