import Common

/// Which test moves each metric that `MetricLedgerTests` itself does not.
///
/// Each of these needs something to be wrong that takes long to bring about, or a moment that must be caught, or never
/// changes while a process runs.
enum MetricLedger {
    /// A test, by its file under Tests and its name, and a word of it by which it asks for the metric.
    struct Mover {
        let file: String
        let test: String
        /// The metric's name when nil.
        let word: String?

        init(_ file: String, _ test: String, word: String? = nil) {
            self.file = file
            self.test = test
            self.word = word
        }
    }

    static let elsewhere: [MetricName: Mover] = [
        .buildInfo: Mover("CommonTests/ServiceProcessTests.swift", "metricsHaveAPortOfTheirOwn"),
        .backpressure: Mover("IngestTests/BackpressureTests.swift", "whoSendsTooMuchIsToldWhenToSendAgain"),
        .queueDepth: gauges, .queueOldest: gauges, .queuePaused: gauges,
        .replyDuplicates: Mover(
            "WorkerTests/Sending/ReplySenderTests.swift", "withoutEvidenceItIsSentAgainAndTheDuplicateIsCountedOnce"),
        .breakerState: Mover("SystemTests/TwilioAwaySystemTests.swift", "theWorkerWaitsAndThenAnswersEverybodyOnce"),
        .backfilled: Mover("SystemTests/BackfillSystemTests.swift", "whatCameWhileIngestWasDownIsAnsweredOnce"),
        .outboxWebhook: Mover("RelayTests/Webhook/WebhookProcessTests.swift", "whoAsksForTimeIsGivenIt"),
        .outboxLag: status, .outboxPending: status, .outboxSinkLag: status, .outboxSinkPending: status,
        .outboxParked: status, .outboxBreaker: status, .outboxFullShards: status,
        .redisRedirections: Mover(
            "CommonTests/RedisCluster/RedisClusterTests.swift", "aSlotMovesUnderItsCommands", word: "redirections("),
        .redisAppendOnly: Mover("SystemTests/RedisPolicyTests.swift", "aRedisWithoutALogIsPointedOut"),
        .push: Mover(
            "SystemTests/Telemetry/TelemetrySystemTests.swift", "logsAndMetricsOfAllThreeArrive", word: "expectSeries"),
        .ready: Mover("SystemTests/QueueGaugesTests.swift", "ingestShowsThemWhileNoWorkerRuns"),
        .seriesDropped: Mover("CommonTests/PrometheusRegistryTests.swift", "seriesAreLimitedAndNamesKeepTheirKind"),
    ]

    private static let gauges = Mover("SystemTests/QueueGaugesTests.swift", "theLengthsAndTheAgeOfTheOldestAreShown")
    private static let status = Mover("RelayTests/DrainStatusTests.swift", "everyMetricIsMoved")
}
