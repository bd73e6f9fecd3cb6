#if Kafka
import CRdkafka

extension KafkaDelivery.Outcome {
    /// What the code of a delivery report says.
    ///
    /// Only what is wrong with the record itself is held against it. A topic that does not exist, or that we may not
    /// write to, concerns every event of its type: passing over those would only hide that someone has to act.
    init(_ code: rd_kafka_resp_err_t, topic: String) {
        switch code {
        case RD_KAFKA_RESP_ERR_NO_ERROR: self = .delivered
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE,
            RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, RD_KAFKA_RESP_ERR_INVALID_RECORD,
            RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
            self = .refused("kafka: \(Self.text(code)) (topic \(topic))")
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
            RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
            self = .failed("topic \(topic) does not exist: create it, or let the brokers create topics")
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
            self = .failed("topic \(topic) may not be written to: grant it to RELAY_KAFKA_SASL_USERNAME")
        default: self = .failed(Self.text(code))
        }
    }

    /// What the code says with which the library did not even take a record.
    init(notTaken code: rd_kafka_resp_err_t, topic: String) {
        switch code {
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR__INVALID_ARG:
            self = .unfit("kafka: \(Self.text(code)) (topic \(topic))")
        default: self = Self(code, topic: topic)
        }
    }

    private static func text(_ code: rd_kafka_resp_err_t) -> String { String(cString: rd_kafka_err2str(code)) }
}
#endif
