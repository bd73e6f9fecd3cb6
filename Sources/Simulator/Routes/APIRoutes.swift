import Common
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// What the chat page asks and does: `/api/…`.
struct APIRoutes: Sendable {
    private let simulation: Simulation
    private let deliveries: Deliveries

    init(_ simulation: Simulation, _ deliveries: Deliveries) {
        self.simulation = simulation
        self.deliveries = deliveries
    }

    func add(to router: inout Router) {
        let simulation = simulation
        router.onPage(.GET, "/api/state") { _ in .json(await simulation.state.text) }
        router.onPage(.GET, "/api/stream") { EventStream(simulation).response(to: $0) }
        router.onPage(.GET, "/api/media/*") { await media($0) }
        router.onPage(.POST, "/api/passengers") { await addPassenger($0) }
        router.onPage(.POST, "/api/passengers/*") { await send($0) }
        router.onPage(.GET, "/api/faults") { _ in .json(await simulation.faultList.text) }
        router.onPage(.POST, "/api/faults") { await addFault($0) }
        router.onPage(.DELETE, "/api/faults") { _ in
            await simulation.clearFaults()
            return .json("{}")
        }
    }

    // MARK: Passengers

    private struct NewPassenger: Decodable {
        let name: String
        let number: String?
        let username: String?
    }

    private func addPassenger(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        guard let new = try? JSONDecoder().decode(NewPassenger.self, from: Data(request.bytes)) else {
            return bad(request, "A name is needed, and a number or a username.")
        }
        do {
            let added = try await simulation.addPassenger(name: new.name, number: new.number, username: new.username)
            return .json(added.json.text, status: .created)
        } catch {
            return bad(request, error.reason)
        }
    }

    // MARK: What passengers send

    private struct NewMessage: Decodable {
        struct Button: Decodable {
            let text: String
            let payload: String?
            let repliedTo: String?
        }
        let text: String?
        let button: Button?
        /// `whatsapp` (default) or `sms`.
        let channel: String?
    }

    private func send(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        let parts = request.path.dropFirst("/api/passengers/".count).split(separator: "/").map(String.init)
        guard parts.count == 2 else { return missing(request) }
        switch parts[1] {
        case "messages": return await sendMessage(request, from: parts[0])
        case "photo": return await sendPhoto(request, from: parts[0])
        case _: return missing(request)
        }
    }

    private func sendMessage(_ request: HTTPServerRequest, from id: String) async -> HTTPServerResponse {
        guard let new = try? JSONDecoder().decode(NewMessage.self, from: Data(request.bytes)),
            let text = new.text ?? new.button?.text, !text.isEmpty, text.utf16.count <= Draft.longest
        else { return bad(request, "A text of 1 to \(Draft.longest) characters is needed, or a button.") }
        let button = new.button.map {
            InboundForm.Button(text: $0.text, payload: $0.payload ?? $0.text, repliedTo: $0.repliedTo)
        }
        return await deliver(Draft(text: text, button: button, isSMS: new.channel == "sms"), from: id, request)
    }

    private func sendPhoto(_ request: HTTPServerRequest, from id: String) async -> HTTPServerResponse {
        let type = (request.headers.first(name: "Content-Type") ?? "").prefix { $0 != ";" }.lowercased()
        guard MediaShelf.contentTypes.contains(type) else {
            return bad(request, "WhatsApp takes JPEG, PNG, WebP and PDF here.", .unsupportedMediaType)
        }
        guard request.body.readableBytes > 0 else { return bad(request, "The file is empty.") }
        let caption = FormBody(parsing: Array((request.query ?? "").utf8))?["caption"] ?? ""
        let media = MediaShelf.Item(contentType: type, bytes: request.bytes)
        return await deliver(Draft(text: String(caption.prefix(1024)), media: media), from: id, request)
    }

    private func deliver(_ draft: Draft, from id: String, _ request: HTTPServerRequest) async -> HTTPServerResponse {
        guard let (message, passenger) = await simulation.receive(draft, from: id) else { return missing(request) }
        if !draft.isSMS {
            let form = InboundForm.make(
                message, from: passenger, button: draft.button, account: simulation.configuration.accountSID)
            deliveries.inbound(message, form)
        }
        return .json(message.view(passenger: passenger.id).text, status: .created)
    }

    private func media(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        let sid = String(request.path.dropFirst("/api/media/".count))
        guard let item = await simulation.mediaItem(sid) else { return missing(request) }
        return HTTPServerResponse(
            status: .ok,
            headers: [
                "Content-Type": item.contentType, "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
            ], body: .bytes(item.bytes))
    }

    // MARK: Faults

    private struct NewFault: Decodable {
        let kind: String
        let times: Int?
        let seconds: Int?
        let accepts: Bool?
        let errorCode: Int?
        let retryAfter: Int?
    }

    private func addFault(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        guard let new = try? JSONDecoder().decode(NewFault.self, from: Data(request.bytes)),
            let kind = Fault.Kind(rawValue: new.kind)
        else {
            return bad(request, "kind is one of " + Fault.Kind.allCases.map(\.rawValue).joined(separator: ", ") + ".")
        }
        var fault = Fault(kind: kind)
        fault.times = min(new.times ?? 1, 10_000)
        fault.seconds = min(max(0, new.seconds ?? fault.seconds), 55)
        fault.accepts = new.accepts ?? (kind == .reset || kind == .hang)
        fault.errorCode = new.errorCode ?? fault.errorCode
        fault.retryAfter = new.retryAfter
        guard await simulation.addFault(fault) else { return bad(request, "There are enough faults waiting.") }
        return .json(fault.json.text, status: .created)
    }

    // MARK: Refusals

    private func bad(
        _ request: HTTPServerRequest, _ reason: String, _ status: HTTPResponseStatus = .badRequest
    ) -> HTTPServerResponse {
        .error(status, "bad_request", reason, request.correlationID)
    }

    private func missing(_ request: HTTPServerRequest) -> HTTPServerResponse {
        .error(.notFound, "not_found", "There is nothing at this address.", request.correlationID)
    }
}
