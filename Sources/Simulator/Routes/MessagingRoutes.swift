import Common
import NIOHTTP1

/// The part of Twilio's messaging API that tells how our sender is set up: `/v2/Channels/Senders`, `/v1/Services/{sid}`.
///
/// At Twilio it is on a host of its own, messaging.twilio.com. The webhooks are those that the simulator posts to.
struct MessagingRoutes: Sendable {
    private let configuration: SimulatorConfiguration

    init(_ configuration: SimulatorConfiguration) { self.configuration = configuration }

    func add(to router: inout Router) {
        router.onAsync(.GET, "/v2/Channels/Senders") { request in answer(request) { senders } }
        router.onAsync(.GET, "/v1/Services/*") { request in
            answer(request) { service(String(request.path.dropFirst("/v1/Services/".count))) }
        }
    }

    private func answer(_ request: HTTPServerRequest, _ resource: () -> JSONValue) -> HTTPServerResponse {
        guard let credentials = Credentials(request.headers.first(name: "Authorization")),
            configuration.accepts(user: credentials.user, password: credentials.password)
        else { return .refusal(.notAuthenticated) }
        return .twilio(resource())
    }

    private var senders: JSONValue {
        [
            "senders": .array([
                [
                    "sid": .string(configuration.installSID), "sender_id": .string(configuration.senders.whatsApp),
                    "status": "ONLINE",
                    "webhook": [
                        "callback_method": "POST", "callback_url": .string(inbound), "fallback_method": "POST",
                        "fallback_url": .string(configuration.fallback.map(configuration.signedURL)),
                        "status_callback_method": "POST", "status_callback_url": .null,
                    ],
                ]
            ]),
            "meta": ["key": "senders", "page": 0, "page_size": 50, "next_page_url": .null],
        ]
    }

    private func service(_ sid: String) -> JSONValue {
        [
            "sid": .string(sid), "account_sid": .string(configuration.accountSID), "friendly_name": "Simulator",
            "inbound_request_url": .string(inbound), "inbound_method": "POST", "fallback_url": .null,
            "status_callback": .null, "use_inbound_webhook_on_number": false,
        ]
    }

    /// Where passengers' messages go, as Twilio would be told.
    private var inbound: String {
        configuration.signedURL(configuration.webhook) + (configuration.webhook.fragment.map { "#" + $0 } ?? "")
    }
}
