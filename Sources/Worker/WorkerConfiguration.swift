import Common

/// Everything the worker reads from its environment.
struct WorkerConfiguration: Sendable {
    var redis: RedisConfiguration
    var postgres: PostgresConfiguration
    var twilio: TwilioConfiguration
    var queue: QueueConfiguration
    var codes: OTPConfiguration
    var replies: ReplyConfiguration
    var conversation: ConversationConfiguration
    var consumer: ConsumerConfiguration
    var backfill: BackfillConfiguration
    var retention: RetentionConfiguration
    /// Where the relay puts events: what tells of an erased person is taken out of it.
    var eventStream: OutboxStreamKeys

    init(reading values: inout ConfigurationValues) {
        redis = RedisConfiguration(reading: &values)
        postgres = PostgresConfiguration(reading: &values)
        twilio = TwilioConfiguration(reading: &values)
        queue = QueueConfiguration(reading: &values)
        codes = OTPConfiguration(reading: &values)
        replies = ReplyConfiguration(reading: &values)
        conversation = ConversationConfiguration(reading: &values)
        consumer = ConsumerConfiguration(reading: &values)
        backfill = BackfillConfiguration(reading: &values)
        retention = RetentionConfiguration(reading: &values)
        eventStream = OutboxStreamKeys(reading: &values)
    }

    /// Codes go by SMS when there is a number or service to send them from, else into the chat itself.
    var codeChannel: OutboundReply.Channel {
        twilio.smsNumber != nil || twilio.messagingServiceSID != nil ? .sms : .whatsApp
    }

    /// How an outcome is told to someone who has not written for a day.
    var evaluationTemplate: EvaluationDecision.Template? {
        twilio.templateEvaluation.map { .evaluation(contentSID: $0) }
            ?? twilio.templateReply.map { .reply(contentSID: $0) }
    }

    /// What goes in place of words that came too late.
    var lateTemplates: LateTemplates {
        LateTemplates(reply: twilio.templateReply, evaluation: twilio.templateEvaluation)
    }

    var limits: QueueLimits {
        var limits = QueueLimits()
        limits.lease = queue.lease
        limits.stateTTL = consumer.stateTTL
        return limits
    }
}
