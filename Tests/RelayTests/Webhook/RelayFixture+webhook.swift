import Common
import TestSupport

@testable import Relay

extension RelayFixture {
    static let webhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let previousSecret = "whsec_" + [UInt8](repeating: 9, count: 32).base64

    /// What a relay's environment has for a webhook beside the stream.
    static func webhookVariables(_ url: String) -> [String: String] {
        [
            "APP_ENV": "test", "RELAY_SINKS": "redis,webhook", "RELAY_WEBHOOK_URL": url,
            "RELAY_WEBHOOK_SECRET": webhookSecret, "RELAY_WEBHOOK_SECRET_SECONDARY": previousSecret,
        ]
    }

    /// Runs `body` with a built relay that posts to `receiver`, and is gone when it ends.
    func withWebhookRelay<R: Sendable>(
        to receiver: WebhookReceiver, lease: Int = 15, _ body: (RelayProcess) async throws -> R
    ) async throws -> R {
        try await withRelays(1, lease: lease, variables: Self.webhookVariables(receiver.url)) { relays in
            try await relays[0].process.start()
            return try await body(relays[0])
        }
    }

    /// How far the webhook is behind the log.
    func webhookBacklog() async throws -> Int {
        try await database.unit(
            """
            SELECT count(*) FROM outbox_events e LEFT JOIN outbox_cursors c ON c.shard = e.shard AND c.sink = 'webhook'
            WHERE e.sequence > coalesce(c.last_sequence, 0)
            """
        ).rows[0].column(0)
    }
}
