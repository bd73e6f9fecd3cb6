import Common
import CoreMetrics
import FoundationEssentials
import NIOHTTP1

/// Sends messages through Twilio's REST API and looks up what became of them.
struct TwilioClient: Sendable {
    let http: HTTPClient
    let configuration: TwilioConfiguration
    var tracer = Tracer.off

    /// What became of a request, and what it says of Twilio's health; nil when nothing.
    typealias Created = (outcome: SendOutcome, health: Breaker.Result?)

    /// A request ends before the handler of the message does, which has 15 s (`Consumer`): see docs/decisions/0009.
    static let timeout = Duration.seconds(12)

    /// Creates a message; the call may last as long as the request's time-out.
    ///
    /// `body` is the text as the passenger shall read it, a code included.
    func send(_ reply: OutboundReply, body: String, attempt: Int) async -> Created {
        var form: [(String, String)] = [
            ("To", reply.recipient),
            (
                "StatusCallback",
                "\(configuration.publicBaseURL)/webhook/twilio/status?m=\(reply.id)&a=\(attempt)"
            ),
        ]
        if let contentSID = reply.contentSID {
            form += [("ContentSid", contentSID), ("ContentVariables", reply.contentVariables ?? "{}")]
        } else {
            form.append(("Body", body))
        }
        switch reply.channel {
        case .whatsApp: form.append(("From", configuration.whatsAppNumber))
        case .sms:
            if let service = configuration.messagingServiceSID {
                form.append(("MessagingServiceSid", service))
            } else if let number = configuration.smsNumber {
                form.append(("From", number))
            }
        }
        return await tracer.span(.send, .client) { span in
            span?.describe(reply, server: server, attempt: attempt)
            let started = ContinuousClock.now
            do throws(HTTPError) {
                let response = try await http.send(
                    request(.POST, path: "Messages.json", body: FormParameters.encode(form)))
                measure(started, "\(response.status)")
                span?.answered(response.status)
                let outcome = SendOutcome(response)
                return (outcome, Breaker.Result(status: response.status, outcome))
            } catch {
                measure(started, "\(error.code)")
                span?.fail("\(error.code)")
                return (error.isProvablyNotSent ? .notSent : .unknown, Breaker.Result(error))
            }
        }
    }

    /// The host that is asked, for spans.
    private var server: String { WebAddress(configuration.apiBaseURL)?.host ?? "" }

    /// What the provider's list says of an attempt whose answer was lost.
    enum Lookup: Hashable, Sendable {
        /// SIDs that may be the attempt's, oldest first.
        case found([String])
        /// The list could not be read.
        case unavailable
    }

    /// Messages to the same address with the same text, created from 30 s before to 60 s after the attempt.
    ///
    /// A template's text is the provider's: any message of ours in that time may be one.
    func find(
        _ reply: OutboundReply, body: String, attemptedAt: Timestamp
    ) async -> (lookup: Lookup, health: Breaker.Result?) {
        var query: [(String, String)] = [("To", reply.recipient), ("PageSize", "50")]
        if reply.channel == .whatsApp {
            query.append(("From", configuration.whatsAppNumber))
        } else if configuration.messagingServiceSID == nil, let number = configuration.smsNumber {
            query.append(("From", number))
        }
        let started = ContinuousClock.now
        let text = String(decoding: FormParameters.encode(query), as: UTF8.self)
        do {
            let response = try await http.send(request(.GET, path: "Messages.json?\(text)", body: []))
            measure(started, "\(response.status)")
            let health = Breaker.Result(status: response.status, SendOutcome(response))
            guard response.status == 200,
                let list = try? JSONDecoder().decode(MessageList.self, from: Data(response.body))
            else { return (.unavailable, health) }
            // The provider's clock counts whole seconds.
            let window = attemptedAt - .seconds(31)...attemptedAt + .seconds(60)
            let candidates = list.messages.filter { message in
                guard message.direction != "inbound", reply.kind == .template || message.body == body,
                    let created = message.dateCreated.flatMap(Timestamp.init(rfc2822:))
                else { return false }
                return window.contains(created)
            }
            return (.found(candidates.reversed().map(\.sid)), health)
        } catch {
            measure(started, "\(error.code)")
            return (.unavailable, Breaker.Result(error))
        }
    }

    private func request(_ method: HTTPMethod, path: String, body: [UInt8]) -> HTTPRequest {
        var request = HTTPRequest(
            method, "\(configuration.apiBaseURL)/2010-04-01/Accounts/\(configuration.accountSID)/\(path)", body: body)
        if !body.isEmpty { request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded") }
        request.basicAuthentication = configuration.credentials
        request.timeout = Self.timeout
        request.carryContext()
        return request
    }

    private func measure(_ started: ContinuousClock.Instant, _ status: String) {
        Timer(label: MetricName.twilioRequest.rawValue, dimensions: [("status", status)])
            .record(duration: ContinuousClock.now - started)
    }

    private struct MessageList: Decodable { var messages: [MessageResource] }
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

extension SendOutcome {
    /// Reads an answer to a create call.
    fileprivate init(_ response: HTTPResponse) {
        let body = JSONValue(parsing: response.body)
        let isCreated = (200..<300).contains(response.status)
        var code: TwilioErrorCode?
        if !isCreated, case .integer(let number) = body?["code"] { code = TwilioErrorCode(number) }
        self.init(
            status: response.status,
            code: code, sid: isCreated ? body?["sid"]?.string : nil,
            retryAfter: response.headers.first(name: "Retry-After"))
    }
}

extension Breaker.Result {
    fileprivate init(status: Int, _ outcome: SendOutcome) {
        self = outcome == .accountRefused ? .refused : status >= 500 ? .failed : .answered
    }

    /// What a transport error says; nil when it is our own doing.
    fileprivate init?(_ error: HTTPError) {
        switch error.code {
        case .invalidRequest, .overloaded, .cancelled, .responseTooLarge: return nil
        case .nameNotResolved, .couldNotConnect, .addressRefused, .tlsFailed, .timedOut, .connectionLost, .sendFailed:
            self = .failed
        }
    }
}
