import Common

/// What Twilio answered to a question of ours.
enum TwilioAnswer<Value: Hashable & Sendable>: Hashable, Sendable {
    case value(Value)
    /// 401 or 403.
    case refused(Int)
    /// 404.
    case missing
    /// Another status, or a body that cannot be read.
    case strange(Int)
    /// No answer, and why.
    case unreachable(String)
}

/// The account, as its resource tells.
struct TwilioAccount: Hashable, Sendable {
    /// `active`, `suspended` or `closed`.
    var status: String
    /// `Full` or `Trial`.
    var type: String

    init(status: String, type: String) {
        self.status = status
        self.type = type
    }

    init?(_ value: JSONValue) {
        guard let status = value["status"]?.string else { return nil }
        self.init(status: status, type: value["type"]?.string ?? "")
    }
}

/// A sender or a service of ours, and where Twilio posts what comes for it.
struct TwilioWebhooks: Hashable, Sendable {
    var inbound: String?
    var fallback: String?
    var status: String?
    /// Twilio's word for whether it works: `ONLINE`; empty where it has none.
    var state = ""
    /// A service that leaves inbound messages to the sender's own webhook.
    var defersToSender = false

    /// A sender of `/v2/Channels/Senders`.
    init(sender value: JSONValue) {
        inbound = value["webhook"]?["callback_url"]?.string
        fallback = value["webhook"]?["fallback_url"]?.string
        status = value["webhook"]?["status_callback_url"]?.string
        state = value["status"]?.string ?? ""
    }

    /// A service of `/v1/Services`.
    init(service value: JSONValue) {
        inbound = value["inbound_request_url"]?.string
        fallback = value["fallback_url"]?.string
        status = value["status_callback"]?.string
        defersToSender = value["use_inbound_webhook_on_number"] == .bool(true)
    }

    init(inbound: String?, fallback: String? = nil, status: String? = nil, state: String = "") {
        self.inbound = inbound
        self.fallback = fallback
        self.status = status
        self.state = state
    }
}
