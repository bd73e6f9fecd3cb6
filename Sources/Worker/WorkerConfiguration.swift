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
    /// `REDIS_CACHE_TTL_SECONDS`: how long an idle conversation is remembered.
    var stateTTL: Duration
    /// `WORKER_CONCURRENCY`: senders handled at once.
    var concurrency: Int

    init(reading values: inout ConfigurationValues) {
        redis = RedisConfiguration(reading: &values)
        postgres = PostgresConfiguration(reading: &values)
        twilio = TwilioConfiguration(reading: &values)
        queue = QueueConfiguration(reading: &values)
        codes = OTPConfiguration(reading: &values)
        replies = ReplyConfiguration(reading: &values)
        conversation = ConversationConfiguration(reading: &values)
        stateTTL = values.seconds("REDIS_CACHE_TTL_SECONDS", default: 86_400, in: 60...2_592_000)
        concurrency = values.int("WORKER_CONCURRENCY", default: 32, in: 1...1024)
    }

    /// Codes go by SMS when there is a number or service to send them from, else into the chat itself.
    var codeChannel: OutboundReply.Channel {
        twilio.smsNumber != nil || twilio.messagingServiceSID != nil ? .sms : .whatsApp
    }

    var limits: QueueLimits {
        var limits = QueueLimits()
        limits.lease = queue.lease
        limits.stateTTL = stateTTL
        return limits
    }
}
