/// Why the parameters of a webhook are not a message or a status; never with a value of theirs.
package enum WebhookError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A parameter is absent or empty.
    case missing(_ parameter: String)
    /// A parameter is there and not what it should be.
    case malformed(_ parameter: String)
    /// The body is not a form with at most `FormParameters.limit` parameters.
    case notAForm
    /// A name or a value is not UTF-8.
    case notText

    package var description: String {
        switch self {
        case .missing(let parameter): "\(parameter) is missing"
        case .malformed(let parameter): "\(parameter) is malformed"
        case .notAForm: "not a form of at most \(FormParameters.limit) parameters"
        case .notText: "not UTF-8"
        }
    }
}

extension FormParameters {
    /// Reads the body of a webhook whose signature has been checked.
    package init(webhook body: [UInt8]) throws(WebhookError) {
        guard let parameters = FormParameters(parsing: body) else { throw .notAForm }
        guard parameters.isText else { throw .notText }
        self = parameters
    }

    func messageSID() throws(WebhookError) -> MessageSID {
        guard let text = self["MessageSid"] else { throw .missing("MessageSid") }
        guard let sid = MessageSID(text) else { throw .malformed("MessageSid") }
        return sid
    }

    func address(_ name: String) throws(WebhookError) -> ChannelAddress? {
        guard let text = self[name] else { return nil }
        guard let address = ChannelAddress(text) else { throw .malformed(name) }
        return address
    }

    /// A value without NUL, which Postgres' text cannot hold.
    func text(_ name: String) -> String? {
        guard let value = self[name] else { return nil }
        return value.utf8.contains(0) ? String(decoding: value.utf8.filter { $0 != 0 }, as: UTF8.self) : value
    }
}
