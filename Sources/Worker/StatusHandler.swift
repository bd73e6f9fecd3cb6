import Common
import CoreMetrics

/// Stores delivery reports of our replies, in whatever order and however often they come.
struct StatusHandler: Sendable {
    let postgres: PostgresClient

    func handle(_ envelope: Envelope) async throws(PostgresError) {
        guard let report = FormParameters(parsing: envelope.body).flatMap(DeliveryReport.init) else { return }
        let ours = UUID(envelope.sender.dropFirst("status:".count))
        FaultPoint.beforeStatus.reached()
        try await postgres.unit(
            """
            UPDATE outbound_messages
               SET provider_sid = coalesce(provider_sid, \(report.sid)),
                   state = CASE WHEN state = ANY (\(report.status.replaced))
                                THEN \(report.status.rawValue) ELSE state END,
                   error_code = coalesce(\(report.errorCode), error_code), updated_at = now()
             WHERE id = \(ours) OR provider_sid = \(report.sid)
            """)
        FaultPoint.afterStatus.reached()
        Counter(label: MetricName.replyStatus.rawValue, dimensions: [("status", report.status.rawValue)]).increment()
    }
}

/// What a status callback says (https://www.twilio.com/docs/messaging/guides/track-outbound-message-status).
struct DeliveryReport: Hashable, Sendable {
    var sid: String
    var status: Status
    var errorCode: Int?

    init(sid: String, status: Status, errorCode: Int? = nil) {
        self.sid = sid
        self.status = status
        self.errorCode = errorCode
    }

    /// Where a message is with the provider; the earlier stations (accepted, queued, sending) all prove that it has it.
    enum Status: String, Sendable, CaseIterable {
        case sent, delivered, read, failed, undelivered

        init?(twilio: String) {
            switch twilio {
            case "accepted", "scheduled", "queued", "sending": self = .sent
            case "canceled": self = .failed
            case "partially_delivered": self = .delivered
            default: self.init(rawValue: twilio)
            }
        }

        /// The states that this one comes after: a report never takes a reply back.
        var replaced: [String] {
            switch self {
            case .sent: ["sending", "unknown"]
            case .delivered, .failed, .undelivered: ["sending", "unknown", "sent"]
            case .read: ["sending", "unknown", "sent", "delivered"]
            }
        }
    }

    /// Reads a callback; nil for one that says nothing we keep.
    init?(_ form: FormParameters) {
        guard let sid = form["MessageSid"],
            let status = (form["MessageStatus"] ?? form["SmsStatus"]).flatMap(Status.init(twilio:))
        else { return nil }
        self.sid = sid
        self.status = status
        errorCode = form["ErrorCode"].flatMap { Int($0) }
    }
}
