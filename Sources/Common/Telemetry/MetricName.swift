/// Every metric of ours, its name as Prometheus sees it, and what it means.
package enum MetricName: String, CaseIterable, Sendable {
    case buildInfo = "whatsapp_build_info"
    case ready = "whatsapp_ready"
    case webhookRequests = "whatsapp_webhook_requests_total"
    case webhookDuration = "whatsapp_webhook_duration_seconds"
    case signatureFailures = "whatsapp_signature_failures_total"
    case backpressure = "whatsapp_backpressure_total"
    case messagesReceived = "whatsapp_messages_received_total"
    case messagesProcessed = "whatsapp_messages_processed_total"
    case messageStage = "whatsapp_message_stage_seconds"
    case queueDepth = "whatsapp_queue_depth"
    case queueOldest = "whatsapp_queue_oldest_seconds"
    case queuePaused = "whatsapp_queue_paused_shards"
    case queueDeliveries = "whatsapp_queue_deliveries_total"
    case fsmTransitions = "whatsapp_fsm_transitions_total"
    case otp = "whatsapp_otp_total"
    case registrations = "whatsapp_registrations_total"
    case claims = "whatsapp_claims_total"
    case erasures = "whatsapp_erasures_total"
    case erasuresOpen = "whatsapp_erasures_open"
    case retentionDeleted = "whatsapp_retention_deleted_total"
    case replies = "whatsapp_replies_total"
    case replyStatus = "whatsapp_reply_status_total"
    case replyDuplicates = "whatsapp_reply_duplicates_total"
    case sendWait = "whatsapp_send_wait_seconds"
    case breakerState = "whatsapp_twilio_breaker_state"
    case twilioRequest = "whatsapp_twilio_request_seconds"
    case backfilled = "whatsapp_backfilled_total"
    case outboxPublished = "whatsapp_outbox_published_total"
    case outboxLag = "whatsapp_outbox_lag_seconds"
    case outboxPending = "whatsapp_outbox_pending"
    case outboxWebhook = "whatsapp_outbox_webhook_seconds"
    case outboxSinkLag = "whatsapp_outbox_sink_lag_seconds"
    case outboxSinkPending = "whatsapp_outbox_sink_pending"
    case outboxParked = "whatsapp_outbox_parked"
    case outboxBreaker = "whatsapp_outbox_breaker_state"
    case outboxFullShards = "whatsapp_outbox_full_shards"
    case databaseQuery = "whatsapp_db_query_seconds"
    case databasePool = "whatsapp_db_pool"
    case redisCommand = "whatsapp_redis_command_seconds"
    case redisRedirections = "whatsapp_redis_redirections_total"
    case redisAppendOnly = "whatsapp_redis_appendonly"
    case push = "whatsapp_push_total"
    case seriesDropped = "whatsapp_metrics_series_dropped_total"

    /// Labels are given in braces.
    package var help: String {
        switch self {
        case .buildInfo: "Always 1; {process,version} say what is running."
        case .ready: "Whether what a process needs to be ready has answered, by {check}; /ready is all of them."
        case .webhookRequests: "Webhooks answered, by {route,status}."
        case .webhookDuration: "Seconds from a webhook's last byte to its answer."
        case .signatureFailures: "Webhooks refused for their signature, by {cause}."
        case .backpressure: "Webhooks refused, or accepted above the soft limit, by {reason}."
        case .messagesReceived: "Envelopes accepted into the queue, by {kind}."
        case .messagesProcessed: "Envelopes that a worker has finished, by {outcome}."
        case .messageStage: "Seconds a message spent, by {stage}: queued, database, send, total."
        case .queueDepth:
            "Messages in {list} in, stage, held and dead; senders in ready, delay and lease. Of all shards."
        case .queueOldest: "Age in seconds of the oldest message that waits, of those looked at."
        case .queuePaused: "Shards that an operator has stopped."
        case .queueDeliveries: "Deliveries out of the ordinary, by {kind}: stale, reclaimed, dead, duplicate."
        case .fsmTransitions: "Changes of a conversation's state, by {from,to}."
        case .otp: "One-time codes, by {action}."
        case .registrations: "Passengers who completed registration."
        case .claims: "Claims that became something, by {status}: submitted, withdrawn, eligible, ineligible."
        case .erasures: "People who were erased, by {source}: requested, operator."
        case .erasuresOpen: "Erasures that wait for their last reply, for Redis or for the relay."
        case .retentionDeleted: "Rows deleted because they were older than RETENTION_DAYS, by {table}."
        case .replies: "Replies handed to Twilio, by {result}."
        case .replyStatus: "Delivery callbacks received, by {status}."
        case .replyDuplicates: "Replies of which the provider turned out to have made one message more."
        case .sendWait: "Seconds a reply waited for its turn in the rate shared by all workers."
        case .breakerState: "Whether Twilio is asked: 0 yes, 1 with one reply as a try, 2 no."
        case .twilioRequest: "Seconds a request to Twilio's API took, by {status}."
        case .backfilled: "Messages that never arrived, found in Twilio's list and pushed."
        case .outboxPublished: "Events published, by {sink,type}."
        case .outboxLag: "Age in seconds of the oldest event that a sink has not been given yet."
        case .outboxPending: "Events that the sink furthest behind has not been given yet."
        case .outboxSinkLag: "Age in seconds of the oldest event not given yet, by {sink}."
        case .outboxSinkPending: "Events not given yet, by {sink}."
        case .outboxParked:
            "Events a sink refused, and what waits behind them, by {sink,state}: retry, blocked, dead; replay."
        case .outboxBreaker: "Whether a sink is asked, by {sink}: 0 yes, 1 with one event as a try, 2 no."
        case .outboxFullShards: "Shards that stand still because no more events may be parked, by {sink}."
        case .outboxWebhook:
            "Seconds a request to the webhook of RELAY_WEBHOOK_URL took, by {status}: 2xx, timeout, none."
        case .databaseQuery: "Seconds a unit of statements took, by {query}."
        case .databasePool: "Connections to Postgres, by {state}."
        case .redisCommand: "Seconds a command to Redis took, by {command}."
        case .redisRedirections:
            "Commands that a node of Redis Cluster sent elsewhere, by {kind}: moved, ask, tryagain."
        case .redisAppendOnly:
            "1 when Redis keeps a log of its writes (appendonly yes), 0 when a crash of it loses them."
        case .push:
            "What was pushed of ourselves, by {target,result}: lines to loki, series of metrics, spans of traces; sent, "
                + "failed (refused, or not taken for long), dropped (no room, or no time at shutdown)."
        case .seriesDropped: "Series refused because their metric had too many label values."
        }
    }

    /// Upper bounds of a histogram's buckets, in the metric's unit.
    var buckets: [Double] {
        switch self {
        case .databaseQuery, .redisCommand: Self.roundTrip
        case .webhookDuration: Self.webhook
        case .twilioRequest, .sendWait, .outboxWebhook: Self.remoteCall
        case .messageStage, .outboxLag, .outboxSinkLag: Self.message
        case .buildInfo, .ready, .webhookRequests, .signatureFailures, .backpressure, .redisAppendOnly,
            .messagesReceived,
            .messagesProcessed, .queueDepth, .queueOldest, .queuePaused,
            .queueDeliveries, .fsmTransitions, .otp, .registrations, .claims, .erasures, .erasuresOpen,
            .retentionDeleted, .replies,
            .replyStatus, .replyDuplicates,
            .breakerState, .backfilled, .outboxPublished,
            .outboxPending, .outboxSinkPending, .outboxParked, .outboxBreaker, .outboxFullShards, .databasePool,
            .redisRedirections, .push, .seriesDropped:
            Self.general
        }
    }

    /// To a server in the same data centre.
    private static let roundTrip = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5]
    /// Twilio gives a webhook 15 s; ours should take a few milliseconds.
    private static let webhook = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 15]
    /// Over the internet, up to the 12 s a request may take.
    private static let remoteCall = [0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2.5, 5, 10, 15]
    /// From a step in memory to a message that waited through an outage.
    private static let message = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
    static let general = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
}
