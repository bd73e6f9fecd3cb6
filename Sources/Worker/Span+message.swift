import Common

extension Span {
    /// What is told of a message that is taken from the queue.
    mutating func describe(_ envelope: Envelope, operation: String) {
        set(.messagingSystem, "redis")
        set(.messagingOperation, .text(name.rawValue))
        set(.messagingOperationType, .text(operation))
        set(.destination, "inbound")
        set(.messageID, .text(envelope.messageSID))
        set(.correlation, .text(envelope.correlationID.text))
        set(.kind, .text(envelope.kind.rawValue))
    }
}

extension Span {
    /// What is told of an attempt to send a reply: neither to whom nor what.
    mutating func describe(_ reply: OutboundReply, server: String, attempt: Int) {
        set(.method, "POST")
        set(.server, .text(server))
        set(.urlTemplate, "/2010-04-01/Accounts/{AccountSid}/Messages.json")
        set(.messageID, .text(reply.id.description))
        set(.kind, .text(reply.channel.rawValue))
        if attempt > 1 { set(.resends, .number(attempt - 1)) }
    }

    /// What a server answered; of a client's request 4xx is a failure too.
    mutating func answered(_ status: Int) {
        set(.status, .number(status))
        if status >= 400 { fail("\(status)") }
    }
}
