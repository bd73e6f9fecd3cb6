import Backfill
import Common
import ServiceLifecycle

extension WorkerServices {
    /// The search for messages that never arrived; none when it is turned off.
    ///
    /// Only WhatsApp: no conversation is had by SMS, whose number just sends codes.
    static func backfill(
        _ configuration: WorkerConfiguration, _ context: ProcessContext, _ redis: any RedisService,
        _ postgres: PostgresClient, _ keys: QueueKeys
    ) -> [any Service] {
        guard let interval = configuration.backfill.interval else { return [] }
        var limits = BackfillLimits()
        limits.delay = configuration.backfill.delay
        // A little less than what is kept: the deletion of what is older may be at work already.
        limits.oldest = configuration.retention.period * 0.95
        let queue = BackfillQueue(redis: redis, keys: keys, limits: configuration.limits)
        // Connections of its own: reading a long list takes none from the sending of replies.
        let http = HTTPClient(reactor: context.reactor, maximumConnections: 1)
        return [
            BackfillService(
                redis: redis, queue: queue,
                lease: BackfillLease(
                    owner: "worker \(UUID.random())", postgres: postgres, duration: limits.lease),
                round: BackfillRound(
                    listing: MessageListing(http: http, configuration: configuration.twilio, limits: limits),
                    stored: StoredMessages(postgres: postgres), queue: queue, limits: limits),
                addresses: [configuration.twilio.whatsAppNumber], interval: interval, limits: limits,
                logger: context.logger)
        ]
    }
}
