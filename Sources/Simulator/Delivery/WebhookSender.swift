import Common
import NIOHTTP1

/// Posts signed webhooks to the service as Twilio does, and notes how each was answered.
struct WebhookSender: Sendable {
    /// What a webhook tells of.
    struct Subject: Sendable {
        let kind: Exchange.Kind
        let message: Message
        /// Of a status callback.
        var told: MessageStatus?
    }

    /// How a delivery ended.
    struct Delivery: Sendable {
        /// The answer to the last try; nil when there was none.
        var status: Int?
        var tries: Int
        /// Twilio's code of the failure; nil when it was answered 2xx.
        var failure: Int?
    }

    private let simulation: Simulation
    private let configuration: SimulatorConfiguration
    private let client: HTTPClient
    private let signer: WebhookSigner

    init(_ simulation: Simulation, client: HTTPClient) {
        self.simulation = simulation
        self.client = client
        configuration = simulation.configuration
        signer = WebhookSigner(secret: configuration.authToken)
    }

    /// Tells of a passenger's message, and tells the fallback URL when that fails.
    func deliver(_ message: Message, _ form: FormBody) async -> Delivery {
        let first = await post(form, to: configuration.webhook, Subject(kind: .inbound, message: message))
        guard let failure = first.failure, let fallback = configuration.fallback else { return first }
        var form = form
        form.add("ErrorCode", "\(failure)")
        form.add("ErrorUrl", configuration.signedURL(configuration.webhook))
        var second = await post(form, to: fallback, Subject(kind: .fallback, message: message))
        second.tries += first.tries
        return second
    }

    /// Tells the StatusCallback URL of a message what has become of it.
    func tell(_ status: MessageStatus, of message: Message) async {
        guard let callback = message.statusCallback.flatMap(WebhookAddress.init) else { return }
        let form = StatusForm.make(
            message, status: status, account: configuration.accountSID, install: configuration.installSID)
        _ = await post(form, to: callback, Subject(kind: .status, message: message, told: status))
    }

    /// Posts with the retries and time limits of the address's fragment.
    ///
    private func post(_ form: FormBody, to address: WebhookAddress, _ subject: Subject) async -> Delivery {
        let overrides = ConnectionOverrides(fragment: address.fragment)
        let target = configuration.reachable(address)
        let body = form.encoded
        var request = HTTPRequest(.POST, target.url, body: body)
        request.headers = [
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*", "X-Twilio-Signature": signer.signature(url: configuration.signedURL(address), form: body),
            // The same for every try of one delivery.
            "I-Twilio-Idempotency-Token": UUID.random().description,
        ]
        request.connectTimeout = overrides.connectTimeout
        request.maximumResponseBytes = 64 * 1024
        let deadline = ContinuousClock.now + overrides.totalTimeout
        var delivery = Delivery(tries: 0, failure: 11200)
        for attempt in 1...(overrides.retries + 1) {
            request.timeout = min(overrides.readTimeout, deadline - .now)
            let (start, at) = (ContinuousClock.now, Timestamp.now)
            var status: Int?
            var failure: HTTPError?
            do { status = try await client.send(request).status } catch { failure = error }
            await simulation.record(
                Exchange(
                    kind: subject.kind, messageSID: subject.message.sid,
                    passenger: await simulation.passengerID(of: subject.message.passengerAddress), told: subject.told,
                    path: target.path, attempt: attempt, status: status, failure: failure.map { "\($0.code)" },
                    duration: .now - start, at: at))
            delivery.status = status
            delivery.tries = attempt
            delivery.failure = status == nil ? 11205 : 11200
            if let status, (200..<300).contains(status) {
                delivery.failure = nil
                break
            }
            let isOver = attempt > overrides.retries || deadline - .now < .milliseconds(100) || Task.isCancelled
            guard !isOver, reason(status, failure).map(overrides.reasons.contains) == true else {
                break
            }
        }
        return delivery
    }

    private func reason(_ status: Int?, _ failure: HTTPError?) -> ConnectionOverrides.Reason? {
        if let status { return (400..<500).contains(status) ? .clientError : status >= 500 ? .serverError : nil }
        guard let failure, failure.code != .cancelled else { return nil }
        return failure.isProvablyNotSent ? .connect : .read
    }
}
