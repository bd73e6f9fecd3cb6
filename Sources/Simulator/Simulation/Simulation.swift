import Common

/// What the simulated Twilio and its passengers know, and the journal of what happened to it.
actor Simulation {
    nonisolated let configuration: SimulatorConfiguration
    private var messages: MessageStore
    private var passengers = PassengerBook()
    private var media = MediaShelf()
    private var faults = FaultScript()
    private var exchanges = Recent<Exchange>(400)
    private var events = Recent<JSONValue>(400)
    private var journal = Journal(limit: 4000)
    private var readers: [UUID: AsyncStream<Void>.Continuation] = [:]
    private var isClosed = false
    private var isStreamConnected: Bool?
    /// The load that runs, or ran last.
    var load: LoadRun?
    var isLoadStopping = false
    private(set) var replies = ReplyTally()

    init(_ configuration: SimulatorConfiguration) {
        self.configuration = configuration
        messages = MessageStore(limit: configuration.messageLimit)
    }

    // MARK: Messages

    /// Takes a message of the service's for delivery; the request for it came at `arrival`.
    func create(_ request: CreateRequest, at arrival: Timestamp) throws(APIError) -> Message {
        if let owner = passengers.owner(of: request.to), owner.hasStoppedSMS, !request.to.hasPrefix("whatsapp:") {
            throw .invalid(21610, "Attempt to send to unsubscribed recipient")
        }
        let address = request.to.hasPrefix("whatsapp:") ? request.to.dropFirst("whatsapp:".count) : request.to[...]
        replies.add(callback: request.statusCallback, at: .now)
        if LoadPlan.owns(request.to) {
            load?.answered(request.to, at: arrival)
        } else if passengers.owner(of: request.to) == nil, address.hasPrefix("+"),
            let passenger = try? passengers.add(name: String(address), number: String(address), username: nil)
        {
            publish("passenger", passenger.json)
        }
        return keep(request.message(at: .now))
    }

    /// Keeps what a passenger sends; nil when there is no such passenger.
    func receive(_ draft: Draft, from id: String) -> (message: Message, passenger: Passenger)? {
        guard let passenger = passengers[id: id] else { return nil }
        let sid = Message.newSID(draft.media == nil ? "SM" : "MM")
        var attached: [Message.Media] = []
        if let item = draft.media {
            let mediaSID = Message.newSID("ME")
            media.add(mediaSID, item)
            let url = configuration.mediaURL(message: sid, media: mediaSID)
            attached = [Message.Media(sid: mediaSID, url: url, contentType: item.contentType)]
        }
        let senders = configuration.senders
        let message = keep(
            Message(
                sid: sid, direction: .inbound, from: draft.isSMS ? passenger.number : passenger.whatsAppAddress,
                to: draft.isSMS ? senders.sms ?? "" : senders.whatsApp, body: draft.text, media: attached,
                status: .received, messagingServiceSID: nil, created: .now, updated: .now, sent: .now,
                statusCallback: nil))
        if draft.isSMS, let isStop = draft.stops, let changed = passengers.setStopped(isStop, id: id) {
            publish("passenger", changed.json)
        }
        return (message, passenger)
    }

    func keep(_ message: Message) -> Message {
        if messages.add(message) > 0 {
            publish("notice", ["trimmed": .integer(messages.trimmed), "limit": .integer(messages.limit)])
        }
        let kept = messages[message.sid] ?? message
        show(kept)
        return kept
    }

    /// Moves a message to its next status; nil when it is gone.
    func advance(_ sid: String, to status: MessageStatus, errorCode: Int? = nil) -> Message? {
        let senders = configuration.senders
        let changed = messages.update(sid) { message in
            message.status = status
            message.errorCode = errorCode
            if message.from == nil { message.from = message.isWhatsApp ? senders.whatsApp : senders.sms }
            if message.sent == nil { message.sent = .now }
        }
        if let changed { show(changed) }
        return changed
    }

    /// Blanks a message's text, as the API does for `Body=`.
    func redact(_ sid: String) -> Message? {
        let changed = messages.update(sid) { $0.body = "" }
        if let changed { show(changed) }
        return changed
    }

    func delete(_ sid: String) -> Bool {
        guard let message = messages.remove(sid) else { return false }
        for item in message.media { media.remove(item.sid) }
        publish("deleted", ["sid": .string(sid)])
        return true
    }

    func message(_ sid: String) -> Message? { messages[sid] }
    func page(_ list: MessageList) -> MessagePage { messages.page(list) }
    func mediaItem(_ sid: String) -> MediaShelf.Item? { media[sid] }

    private func show(_ message: Message) {
        // A load test's many recipients would push what people look at out of the journal.
        guard let passenger = passengers.owner(of: message.passengerAddress) else { return }
        publish("message", message.view(passenger: passenger.id))
    }

    // MARK: Passengers and faults

    func addPassenger(name: String, number: String?, username: String?) throws(PassengerRefusal) -> Passenger {
        let passenger = try passengers.add(name: name, number: number, username: username)
        publish("passenger", passenger.json)
        return passenger
    }

    func addFault(_ fault: Fault) -> Bool {
        let isAdded = faults.add(fault)
        publishFaults()
        return isAdded
    }

    func clearFaults() {
        faults.clear()
        publishFaults()
    }

    func takeFault(_ place: Fault.Place) -> Fault? {
        let fault = faults.take(place)
        if fault != nil { publishFaults() }
        return fault
    }

    /// What is still to go wrong.
    var faultList: JSONValue { .array(faults.pending.map(\.json)) }

    private func publishFaults() { publish("faults", faultList) }

    // MARK: What happened

    /// Notes a request to the service; `address` is the passenger's.
    func record(_ exchange: Exchange) {
        guard exchange.passenger != nil else { return }
        exchanges.add(exchange)
        publish("webhook", exchange.json)
    }

    func passengerID(of address: String) -> String? { passengers.owner(of: address)?.id }

    func recordEvent(_ event: JSONValue) {
        events.add(event)
        publish("stream", event)
    }

    func setStreamConnected(_ isConnected: Bool) {
        guard isConnected != isStreamConnected else { return }
        isStreamConnected = isConnected
        publish("notice", ["redis": .bool(isConnected)])
    }

    /// Everything the page needs to begin with.
    var state: JSONValue {
        let shown = messages.messages.suffix(1000).compactMap { message in
            passengers.owner(of: message.passengerAddress).map { message.view(passenger: $0.id) }
        }
        return [
            "lastEventID": .string(journal.id(journal.last)),
            "whatsAppNumber": .string(String(configuration.senders.whatsApp.dropFirst("whatsapp:".count))),
            "smsNumber": .string(configuration.senders.sms),
            "redis": isStreamConnected.map { .bool($0) } ?? .null,
            "trimmed": .integer(messages.trimmed),
            "passengers": .array(passengers.all.map(\.json)),
            "messages": .array(shown),
            "webhooks": .array(exchanges.all.map(\.json)),
            "events": .array(events.all),
            "faults": faultList,
        ]
    }

    // MARK: Readers of the journal

    func read(after id: String?) -> Journal.Reading { journal.read(after: id) }
    func eventID(_ number: Int) -> String { journal.id(number) }

    /// A stream that wakes whenever there may be something new, and now and then when there is not.
    func join() -> (id: UUID, wakeUps: AsyncStream<Void>) {
        let id = UUID.random()
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        if isClosed { continuation.finish() } else { readers[id] = continuation }
        return (id, stream)
    }

    func leave(_ id: UUID) { readers.removeValue(forKey: id)?.finish() }

    func wakeReaders() {
        for reader in readers.values { reader.yield() }
    }

    /// Ends every reader's stream: the process is stopping.
    func close() {
        isClosed = true
        for reader in readers.values { reader.finish() }
        readers = [:]
    }

    private func publish(_ event: String, _ json: JSONValue) {
        journal.add(event, json)
        wakeReaders()
    }
}
