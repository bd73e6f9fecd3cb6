/// The approved templates that take the place of words which came too late for WhatsApp's 24-hour window.
struct LateTemplates: Hashable, Sendable {
    /// `TWILIO_TEMPLATE_REPLY`: asks to write again.
    var reply: String?
    /// `TWILIO_TEMPLATE_EVALUATION`: tells an outcome, which the words brought with them as its variables.
    var evaluation: String?

    /// What is sent in place of `reply`, and what fills its places; nil variables stand for the passenger's name.
    func template(for reply: OutboundReply) -> (contentSID: String, variables: String?)? {
        if let evaluation, let variables = reply.contentVariables { return (evaluation, variables) }
        return self.reply.map { ($0, nil) }
    }
}
