import Common
import NIOHTTP1

/// Twilio's REST API as far as messages go: `/2010-04-01/Accounts/{sid}/Messages…`.
struct MessagesRoutes: Sendable {
    private static let root = "/2010-04-01/Accounts/"

    private let simulation: Simulation
    private let configuration: SimulatorConfiguration
    private let deliveries: Deliveries

    init(_ simulation: Simulation, _ deliveries: Deliveries) {
        self.simulation = simulation
        self.deliveries = deliveries
        configuration = simulation.configuration
    }

    func add(to router: inout Router) {
        for method in [HTTPMethod.GET, .POST, .DELETE] {
            router.onAsync(method, Self.root + "*") { request in
                do {
                    return try await answer(request)
                } catch {
                    return .refusal(error as? APIError ?? .internalError)
                }
            }
        }
    }

    private func answer(_ request: HTTPServerRequest) async throws -> HTTPServerResponse {
        let path = request.path.dropFirst(Self.root.count)
        let parts = path.split(separator: "/").map(String.init)
        guard let credentials = Credentials(request.headers.first(name: "Authorization")),
            configuration.accepts(user: credentials.user, password: credentials.password)
        else { throw APIError.notAuthenticated }
        guard let account = parts.first,
            account == configuration.accountSID || account == configuration.accountSID + ".json"
        else { throw APIError.notFound(request.path) }
        switch (request.method, parts.count) {
        case (.GET, 1) where account.hasSuffix(".json"): return .twilio(accountResource)
        case (.GET, 2) where parts[1] == "Messages.json": return try await list(request)
        case (.GET, 2) where parts[1] == "IncomingPhoneNumbers.json": return .twilio(numbers(request))
        case (.POST, 2) where parts[1] == "Messages.json": return try await create(request)
        case (_, 3) where parts[1] == "Messages" && parts[2].hasSuffix(".json"):
            return try await one(request, String(parts[2].dropLast(5)))
        case (.GET, 4) where parts[1] == "Messages" && parts[3] == "Media.json":
            return try await mediaList(request, parts[2])
        case (.GET, 5) where parts[1] == "Messages" && parts[3] == "Media":
            return try await media(request, message: parts[2], parts[4])
        case _: throw APIError.notFound(request.path)
        }
    }

    private var accountResource: JSONValue {
        [
            "sid": .string(configuration.accountSID), "friendly_name": "Simulator", "status": "active", "type": "Full",
            "uri": .string("\(Self.root)\(configuration.accountSID).json"),
        ]
    }

    /// Our number for SMS, if that is what is asked for.
    private func numbers(_ request: HTTPServerRequest) -> JSONValue {
        let wanted = FormBody(parsing: Array((request.query ?? "").utf8))?["PhoneNumber"]
        let ours = configuration.senders.sms.flatMap { wanted == nil || wanted == $0 ? $0 : nil }
        return ["incoming_phone_numbers": .array(ours.map { [["phone_number": .string($0)]] } ?? []), "page": 0]
    }

    // MARK: Create

    private func create(_ request: HTTPServerRequest) async throws -> HTTPServerResponse {
        guard let form = FormBody(parsing: request.bytes) else { throw APIError.invalid(20001, "Too many parameters") }
        let wanted = try CreateRequest(form, senders: configuration.senders)
        guard let fault = await simulation.takeFault(.create) else { return try await accept(wanted) }
        let answer: HTTPServerResponse? = fault.accepts ? try await accept(wanted) : nil
        switch fault.kind {
        case .tooManyRequests:
            return tooManyRequests(fault)
        case .serverError: return .refusal(.internalError)
        case .unavailable: return .refusal(.unavailable)
        case .reset: return .reset
        case .hang, .dropCallback, .duplicateCallback, .delayCallback, .undelivered, .dropWebhook,
            .listTooManyRequests, .listServerError, .listHang:
            try await Task.sleep(for: .seconds(fault.seconds))
            return answer ?? .refusal(.unavailable)
        }
    }

    private func tooManyRequests(_ fault: Fault) -> HTTPServerResponse {
        var refusal = HTTPServerResponse.refusal(.tooManyRequests)
        if let seconds = fault.retryAfter { refusal.headers.add(name: "Retry-After", value: "\(seconds)") }
        return refusal
    }

    private func accept(_ wanted: CreateRequest) async throws -> HTTPServerResponse {
        let (half, arrival) = (configuration.answerTime / 2, Timestamp.now)
        if half > .zero { try await Task.sleep(for: half) }
        let message = try await simulation.create(wanted, at: arrival)
        if configuration.reportsDelivery { deliveries.course(of: message) }
        if half > .zero { try await Task.sleep(for: half) }
        return .twilio(message.resource(account: configuration.accountSID), status: .created)
    }

    // MARK: Read, redact, delete

    private func list(_ request: HTTPServerRequest) async throws -> HTTPServerResponse {
        guard let query = FormBody(parsing: Array((request.query ?? "").utf8)) else {
            throw APIError.invalid(20001, "Too many parameters")
        }
        if let fault = await simulation.takeFault(.list) {
            if fault.kind == .listTooManyRequests { return tooManyRequests(fault) }
            guard fault.kind == .listHang else { return .refusal(.internalError) }
            try await Task.sleep(for: .seconds(fault.seconds))
        }
        let list = try MessageList(query)
        return .twilio(list.envelope(await simulation.page(list), account: configuration.accountSID))
    }

    private func one(_ request: HTTPServerRequest, _ sid: String) async throws -> HTTPServerResponse {
        guard let message = await simulation.message(sid) else { throw APIError.notFound(request.path) }
        switch request.method {
        case .GET: return .twilio(message.resource(account: configuration.accountSID))
        case .DELETE:
            _ = await simulation.delete(sid)
            return HTTPServerResponse(status: .noContent)
        case _:
            guard let form = FormBody(parsing: request.bytes), form["Body"] == "" else {
                throw APIError.invalid(20001, "Only an empty Body is accepted, to redact the message")
            }
            let changed = await simulation.redact(sid) ?? message
            return .twilio(changed.resource(account: configuration.accountSID))
        }
    }

    // MARK: Media

    private func mediaList(_ request: HTTPServerRequest, _ sid: String) async throws -> HTTPServerResponse {
        guard let message = await simulation.message(sid) else { throw APIError.notFound(request.path) }
        let date = TwilioDate.text(message.created)
        let items = message.media.filter { !$0.sid.isEmpty }.map { media -> JSONValue in
            [
                "sid": .string(media.sid), "account_sid": .string(configuration.accountSID), "parent_sid": .string(sid),
                "content_type": .string(media.contentType), "date_created": .string(date),
                "date_updated": .string(date),
                "uri": .string("\(Self.root)\(configuration.accountSID)/Messages/\(sid)/Media/\(media.sid).json"),
            ]
        }
        return .twilio([
            "media_list": .array(items), "page": 0, "page_size": 50, "start": 0,
            "end": .integer(max(0, items.count - 1)), "next_page_uri": .null, "previous_page_uri": .null,
            "first_page_uri": .string(request.target), "uri": .string(request.target),
        ])
    }

    private func media(_ request: HTTPServerRequest, message: String, _ sid: String) async throws -> HTTPServerResponse
    {
        guard await simulation.message(message)?.media.contains(where: { $0.sid == sid }) == true,
            let item = await simulation.mediaItem(sid)
        else { throw APIError.notFound(request.path) }
        return HTTPServerResponse(
            status: .ok, headers: ["Content-Type": item.contentType], body: .bytes(item.bytes))
    }
}
