import Common

/// Whether Twilio knows our account and its auth token.
struct TwilioAccountCheck: DoctorCheck {
    static let name = "account"
    let answer: TwilioAnswer<TwilioAccount>

    var findings: [Finding] {
        switch answer {
        case .value(let account):
            guard account.status == "active" else {
                return [
                    .problem(
                        "the account is \(Output.printable(account.status))",
                        mend: "Twilio's console says why; nothing is sent until it is active")
                ]
            }
            guard account.type != "Trial" else {
                return [
                    .warning(
                        "it is a trial account: it writes to verified numbers only",
                        mend: "upgrade it in Twilio's console")
                ]
            }
            return [.ok("active, and the auth token is right")]
        case .refused(let status):
            return [
                .problem(
                    "Twilio refuses TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN (\(status)): webhooks cannot be checked with them either",
                    mend:
                        "copy both from Twilio's console; while tokens are rotated the new one is TWILIO_AUTH_TOKEN, the old one TWILIO_AUTH_TOKEN_SECONDARY"
                )
            ]
        case .missing:
            return [
                .problem("Twilio knows no such account", mend: "set TWILIO_ACCOUNT_SID as Twilio's console shows it")
            ]
        case .strange(let status):
            return [
                .warning(
                    "Twilio answered \(status)",
                    mend: "https://status.twilio.com; does TWILIO_API_BASE_URL lead to Twilio's API?")
            ]
        case .unreachable(let cause):
            return [
                .problem(
                    "Twilio cannot be reached: \(cause)",
                    mend: "may this machine connect to TWILIO_API_BASE_URL? https://status.twilio.com")
            ]
        }
    }
}

/// Whether the API key, with which replies are sent, is good.
struct TwilioKeyCheck: DoctorCheck {
    static let name = "API key"
    /// What the list of messages answered; nil when there is no key.
    let answer: TwilioAnswer<Bool>?

    var findings: [Finding] {
        switch answer {
        case nil: [.ok("none: replies are sent with the auth token")]
        case .value: [.ok("good")]
        case .refused(let status):
            [
                .problem(
                    "Twilio refuses TWILIO_API_KEY_SID with TWILIO_API_KEY_SECRET (\(status))",
                    mend:
                        "make a key of the same account and region in Twilio's console, and set both; a restricted one needs messages"
                )
            ]
        case .missing, .strange: [.warning("Twilio does not answer for the API key", mend: "https://status.twilio.com")]
        case .unreachable: [.skipped("Twilio cannot be reached")]
        }
    }
}

/// Whether our WhatsApp sender is online, and posts to us.
struct TwilioSenderCheck: DoctorCheck {
    static let name = "WhatsApp sender"
    /// Of our sender; a value of nil is an account without it.
    let answer: TwilioAnswer<TwilioWebhooks?>
    let number: String
    let publicBase: String
    let isProduction: Bool
    /// A service has its own webhooks, which come first.
    var isInService = false

    /// Everybody's number to try WhatsApp with.
    private static let sandbox = "whatsapp:+14155238886"

    var findings: [Finding] {
        if number == Self.sandbox {
            let text = "TWILIO_WHATSAPP_NUMBER is Twilio's sandbox, whose webhook only the console shows"
            let mend =
                "production needs a sender of your own; for the sandbox set the webhook in the console to \(publicBase)/webhook/twilio"
            return [isProduction ? .problem(text, mend: mend) : .warning(text, mend: mend)]
        }
        switch answer {
        case .value(nil):
            return [
                .problem(
                    "the account has no WhatsApp sender \(masked)",
                    mend: "set TWILIO_WHATSAPP_NUMBER to one that Twilio's console lists under WhatsApp senders")
            ]
        case .value(let sender?):
            var found: [Finding] = []
            if !sender.state.hasPrefix("ONLINE") {
                found.append(
                    .problem(
                        "the sender is \(Output.printable(sender.state))",
                        mend: "Twilio's console, WhatsApp senders, says what it waits for"))
            }
            return (found + (isInService && sender.inbound == nil ? [] : WebhookTargets(sender, publicBase).findings))
                .orOK("online, posts to us")
        case .refused, .missing, .strange:
            return [
                .warning(
                    "Twilio does not tell where the sender posts to",
                    mend:
                        "look in its console, WhatsApp senders: the webhook must be \(publicBase)/webhook/twilio, by POST"
                )
            ]
        case .unreachable: return [.skipped("Twilio cannot be reached")]
        }
    }

    private var masked: String { ChannelAddress(number)?.description ?? "…" }
}

/// Whether the messaging service is there, and posts to us.
struct TwilioServiceCheck: DoctorCheck {
    static let name = "messaging service"
    /// Nil when none is configured.
    let answer: TwilioAnswer<TwilioWebhooks>?
    let publicBase: String

    var findings: [Finding] {
        switch answer {
        case nil: return [.ok("none is used")]
        case .value(let service):
            if service.defersToSender { return [.ok("leaves messages to the sender's webhook")] }
            return WebhookTargets(service, publicBase).findings.orOK("posts to us")
        case .missing:
            return [
                .problem(
                    "the account has no such messaging service",
                    mend: "set TWILIO_MESSAGING_SERVICE_SID as Twilio's console shows it, or unset it")
            ]
        case .refused, .strange:
            return [
                .warning(
                    "Twilio does not tell where the messaging service posts to",
                    mend: "look in its console: the inbound request URL must be \(publicBase)/webhook/twilio")
            ]
        case .unreachable: return [.skipped("Twilio cannot be reached")]
        }
    }
}

/// Whether the number that codes come from by SMS is the account's.
struct TwilioNumberCheck: DoctorCheck {
    static let name = "SMS sender"
    /// Whether the account has it; nil when codes go by WhatsApp.
    let answer: TwilioAnswer<Bool>?

    var findings: [Finding] {
        switch answer {
        case nil: [.ok("none: codes go by WhatsApp")]
        case .value(true): [.ok("the account's")]
        case .value(false):
            [
                .warning(
                    "the account has no number TWILIO_SMS_NUMBER",
                    mend:
                        "set one that Twilio's console lists; a sender that is no number (alphanumeric, short code) is fine"
                )
            ]
        case .refused, .missing, .strange:
            [.warning("Twilio does not tell whether it is the account's", mend: "look in its console, active numbers")]
        case .unreachable: [.skipped("Twilio cannot be reached")]
        }
    }
}

/// Where webhooks point, against where they should.
struct WebhookTargets: Hashable, Sendable {
    let webhooks: TwilioWebhooks
    let base: String

    init(_ webhooks: TwilioWebhooks, _ base: String) {
        self.webhooks = webhooks
        self.base = base
    }

    var findings: [Finding] {
        var found: [Finding] = []
        let wanted = base + "/webhook/twilio"
        switch webhooks.inbound.flatMap({ $0.isEmpty ? nil : $0 }) {
        case nil:
            found.append(
                .problem(
                    "no webhook is set: messages never come", mend: "set it to \(wanted)#rc=3&rp=ct,rt,5xx, by POST"))
        case let url? where plain(url) != wanted:
            found.append(
                .problem(
                    "the webhook is \(Output.printable(shown(url))), not \(wanted)",
                    mend: "set it to \(wanted)#rc=3&rp=ct,rt,5xx, or PUBLIC_BASE_URL to what Twilio calls"))
        case let url? where !url.contains("#rc="):
            found.append(
                .warning(
                    "Twilio does not repeat webhooks that fail",
                    mend: "add #rc=3&rp=ct,rt,5xx to the webhook's URL; backfill finds messages meanwhile"))
        case _: break
        }
        if let url = webhooks.fallback, !url.isEmpty, plain(url) != base + "/webhook/twilio/fallback" {
            found.append(
                .warning(
                    "the fallback URL is \(Output.printable(shown(url)))",
                    mend: "set it to \(base)/webhook/twilio/fallback, or to nothing"))
        }
        return found
    }

    /// Without the fragment, which is for Twilio alone, and the query.
    private func plain(_ url: String) -> String { String(url.prefix { $0 != "#" && $0 != "?" }) }

    /// Without what may be a secret in it.
    private func shown(_ url: String) -> String {
        let plain = plain(url)
        guard let at = plain.lastIndex(of: "@"), let scheme = plain.firstRange(of: "://") else { return plain }
        return String(plain[..<scheme.upperBound] + plain[plain.index(after: at)...])
    }
}
