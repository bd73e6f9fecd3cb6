import Common
import CoreMetrics

/// Stores delivery reports of our replies, in whatever order and however often they come, and does what a failure asks
/// for: it is told once, or a template takes the reply's place.
struct StatusHandler: Sendable {
    let ledger: ReplyLedger
    let sender: ReplySender

    /// Handles one report; a pause is for a template that is on its way in place of a reply.
    func handle(_ envelope: Envelope) async throws(PostgresError) -> ReplySender.Progress {
        guard let report = FormParameters(parsing: envelope.body).flatMap(DeliveryReport.init) else { return .finished }
        let id = UUID(envelope.sender.dropFirst("status:".count))
        FaultPoint.beforeStatus.reached()
        let progress = try await store(report, of: id, envelope)
        FaultPoint.afterStatus.reached()
        if progress == .finished {
            Counter(label: MetricName.replyStatus.rawValue, dimensions: [("status", report.status.rawValue)])
                .increment()
        }
        return progress
    }

    private func store(
        _ report: DeliveryReport, of id: UUID?, _ envelope: Envelope
    ) async throws(PostgresError) -> ReplySender.Progress {
        // A report without our id is of a message from before there was one, or of none of ours.
        if !report.status.isFailure, let id {
            try await ledger.accept(report.sid, for: id, as: report.status)
            return .finished
        }
        guard let known = try await ledger.find(id, sid: report.sid) else { return .finished }
        // What is said of a reply is said under the id of the message that it answers.
        return try await withCorrelationID(known.correlationID ?? envelope.correlationID) {
            () async throws(PostgresError) in
            try await withConversationID(known.conversationID) { () async throws(PostgresError) in
                try await store(report, of: known, envelope)
            }
        }
    }

    private func store(
        _ report: DeliveryReport, of known: ReplyLedger.Reported, _ envelope: Envelope
    ) async throws(PostgresError) -> ReplySender.Progress {
        let reply = known.reply
        let isDuplicate = reply.providerSID.map { $0 != report.sid } ?? false
        guard report.status.isFailure, !isDuplicate, let person = known.person else {
            // Another message that the provider made of this reply may fail: this one has not.
            try await ledger.accept(report.sid, for: reply.id, as: isDuplicate ? .sent : report.status)
            return .finished
        }
        try await ledger.accept(report.sid, for: reply.id)
        let errand = ReplyErrand(
            person: person, fence: nil, correlationID: known.correlationID ?? envelope.correlationID,
            conversationID: known.conversationID, trace: envelope.trace)
        return try await fail(reply, report, errand, isOptedOut: known.isOptedOut)
    }

    private func fail(
        _ reply: OutboundReply, _ report: DeliveryReport, _ errand: ReplyErrand, isOptedOut: Bool
    ) async throws(PostgresError) -> ReplySender.Progress {
        let code = report.errorCode.map { TwilioErrorCode($0) }
        let remedy = Remedy(code, of: reply, templates: sender.templates, isOptedOut: isOptedOut)
        if reply.isUndecided {
            try await ledger.fail(
                reply, .init(state: report.status, code: code, reason: .undelivered, remedy: remedy), for: errand)
            sender.warn(reply, code, .undelivered)
            // Too late for this one, which later ones have overtaken; in time for those to come.
            if code?.meaning == .rateLimited { await sender.allowance.slowDown(pause: nil) }
        }
        guard case .template = remedy else { return .finished }
        FaultPoint.afterTemplate.reached()
        // The lease on the reports is ours, so that nobody else looks after the template unless the passenger's message
        // is still in hand: then both may try, and `ReplyLedger.mark` lets one.
        let templates = try await ledger.replies(to: reply.inReplyTo).filter { $0.kind == .template }
        return try await sender.send(templates, for: errand)
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
            case .failed, .undelivered: ["sending", "unknown", "sent"]
            // What has arrived has arrived, whatever was said before.
            case .delivered: ["sending", "unknown", "sent", "failed", "undelivered"]
            case .read: ["sending", "unknown", "sent", "failed", "undelivered", "delivered"]
            }
        }

        var isFailure: Bool {
            switch self {
            case .sent, .delivered, .read: false
            case .failed, .undelivered: true
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
