import Common

/// What is done about a reply that failed, beside saying so.
enum Remedy: Hashable, Sendable {
    /// `message.failed` tells other services.
    case tell
    /// As `tell`, and the passenger is opted out.
    case optOut
    /// The passenger gets this template instead, and nobody is told.
    case template(contentSID: String)

    /// Chooses; `template` is `TWILIO_TEMPLATE_REPLY`.
    ///
    /// Never a template in place of a template, by SMS, or to someone who wants no messages.
    init(_ code: TwilioErrorCode?, of reply: OutboundReply, template: String?, isOptedOut: Bool) {
        switch code?.meaning {
        case .optedOut: self = .optOut
        case .outsideWindow:
            if let template, reply.channel == .whatsApp, reply.kind != .template, !isOptedOut {
                self = .template(contentSID: template)
            } else {
                self = .tell
            }
        case .invalidRecipient, .rejectedContent, .misconfigured, .accountRefused, .rateLimited, .other, nil:
            self = .tell
        }
    }
}
