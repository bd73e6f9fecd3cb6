import Common
import CoreMetrics
import FoundationEssentials
import NIOHTTP1

/// Sends messages through Twilio's REST API and looks up what became of them.
struct TwilioClient: Sendable {
    let http: HTTPClient
    let configuration: TwilioConfiguration

    /// What one attempt to create a message came to.
    enum SendOutcome: Hashable, Sendable {
        /// Twilio has it, under this SID.
        case accepted(sid: String)
        /// Twilio refused it and will refuse it again; the code is Twilio's, 0 when it gave none.
        case rejected(code: Int)
        /// It provably did not leave, or was turned away by rate limiting: safe to repeat.
        case notSent(retryAfter: Duration?)
        /// It may have been sent: look for evidence before trying again.
        case unknown

        init(status: Int, body: [UInt8], retryAfter: String?) {
            switch status {
            case 200..<300:
                let created = try? JSONDecoder().decode(MessageResource.self, from: Data(body))
                self = created.map { .accepted(sid: $0.sid) } ?? .unknown
            case 429:
                self = .notSent(retryAfter: retryAfter.flatMap { Int($0) }.map { .seconds(min(max($0, 0), 600)) })
            case 400..<500:
                self = .rejected(code: (try? JSONDecoder().decode(ErrorBody.self, from: Data(body)))?.code ?? 0)
            default:
                self = .unknown
            }
        }
    }

    /// Creates a message; the call may last as long as the request's time-out.
    ///
    /// `body` is the text as the passenger shall read it, a code included.
    func send(_ reply: OutboundReply, body: String, attempt: Int) async -> SendOutcome {
        var form: [(String, String)] = [
            ("To", reply.recipient), ("Body", body),
            (
                "StatusCallback",
                "\(configuration.publicBaseURL)/webhook/twilio/status?m=\(reply.id)&a=\(attempt)"
            ),
        ]
        switch reply.channel {
        case .whatsApp: form.append(("From", configuration.whatsAppNumber))
        case .sms:
            if let service = configuration.messagingServiceSID {
                form.append(("MessagingServiceSid", service))
            } else if let number = configuration.smsNumber {
                form.append(("From", number))
            }
        }
        let started = ContinuousClock.now
        do {
            let response = try await http.send(
                request(.POST, path: "Messages.json", body: FormParameters.encode(form)))
            measure(started, "\(response.status)")
            return SendOutcome(
                status: response.status, body: response.body, retryAfter: response.headers.first(name: "Retry-After"))
        } catch {
            measure(started, "\(error.code)")
            return error.isProvablyNotSent ? .notSent(retryAfter: nil) : .unknown
        }
    }

    /// The provider's record of an attempt whose answer was lost: same addresses, same text, created within
    /// 30 s before and 60 s after; nil when there is none.
    func find(_ reply: OutboundReply, body: String, attemptedAt: Timestamp) async throws(HTTPError) -> [String] {
        var query: [(String, String)] = [("To", reply.recipient), ("PageSize", "50")]
        if reply.channel == .whatsApp {
            query.append(("From", configuration.whatsAppNumber))
        } else if configuration.messagingServiceSID == nil, let number = configuration.smsNumber {
            query.append(("From", number))
        }
        let started = ContinuousClock.now
        let text = String(decoding: FormParameters.encode(query), as: UTF8.self)
        let response = try await http.send(request(.GET, path: "Messages.json?\(text)", body: []))
        measure(started, "\(response.status)")
        guard response.status == 200, let list = try? JSONDecoder().decode(MessageList.self, from: Data(response.body))
        else {
            throw HTTPError(.connectionLost, isProvablyNotSent: false, reason: "the list answered \(response.status)")
        }
        return list.messages.filter { message in
            guard message.direction != "inbound", message.body == body,
                let created = message.dateCreated.flatMap(Timestamp.init(rfc2822:))
            else { return false }
            // The provider's clock counts whole seconds.
            return created >= attemptedAt - .seconds(31) && created <= attemptedAt + .seconds(60)
        }.map(\.sid)
    }

    private func request(_ method: HTTPMethod, path: String, body: [UInt8]) -> HTTPRequest {
        var request = HTTPRequest(
            method, "\(configuration.apiBaseURL)/2010-04-01/Accounts/\(configuration.accountSID)/\(path)", body: body)
        if !body.isEmpty { request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded") }
        request.basicAuthentication = configuration.credentials
        request.timeout = .seconds(12)
        return request
    }

    private func measure(_ started: ContinuousClock.Instant, _ status: String) {
        Timer(label: MetricName.twilioRequest.rawValue, dimensions: [("status", status)])
            .record(duration: ContinuousClock.now - started)
    }

    private struct MessageResource: Decodable {
        var sid: String
        var body: String?
        var direction: String?
        var dateCreated: String?

        enum CodingKeys: String, CodingKey {
            case sid, body, direction
            case dateCreated = "date_created"
        }
    }
    private struct MessageList: Decodable { var messages: [MessageResource] }
    private struct ErrorBody: Decodable { var code: Int? }
}
