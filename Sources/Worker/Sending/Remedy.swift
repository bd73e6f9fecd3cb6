import Common

/// What is done about a reply that failed, beside saying so.
enum Remedy: Hashable, Sendable {
    /// `message.failed` tells other services.
    case tell
    /// As `tell`, and the passenger is opted out.
    case optOut
    /// The passenger gets this template instead, and nobody is told; nil variables stand for the passenger's name.
    case template(contentSID: String, variables: String?)

    /// Chooses among what can be done.
    ///
    /// Never a template in place of a template, by SMS, or to someone who wants no messages.
    init(_ code: TwilioErrorCode?, of reply: OutboundReply, templates: LateTemplates, isOptedOut: Bool) {
        switch code?.meaning {
        case .optedOut: self = .optOut
        case .outsideWindow:
            if let template = templates.template(for: reply), reply.channel == .whatsApp, reply.kind != .template,
                !isOptedOut
            {
                self = .template(contentSID: template.contentSID, variables: template.variables)
            } else {
                self = .tell
            }
        case .invalidRecipient, .rejectedContent, .misconfigured, .accountRefused, .rateLimited, .other, nil:
            self = .tell
        }
    }
}
