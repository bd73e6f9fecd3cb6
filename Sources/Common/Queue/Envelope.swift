/// One accepted message on its way through the queue.
///
/// On the wire: `v1`, MessageSid, sender, microseconds of receipt, correlation id, kind and raw body, separated by
/// 0x1f. The header can be read inside Redis with plain string search; the body is byte-exact, so that a signature
/// could be checked again.
package struct Envelope: Hashable, Sendable {
    /// What the body is.
    package enum Kind: String, Sendable, CaseIterable {
        /// A passenger's message: Twilio's form.
        case message
        /// A delivery report of one of our replies: Twilio's form.
        case status
        /// Something another service tells us: JSON.
        case event
    }

    /// Twilio's `MessageSid`, which two deliveries of the same thing share; for a status callback `<sid>:<status>`.
    package var messageSID: String
    /// Whose turn it is: the channel address that identifies the person; `status:<id>` for delivery reports, which wait
    /// for nobody.
    package var sender: String
    package var receivedAt: Timestamp
    package var correlationID: CorrelationID
    package var kind: Kind
    package var body: [UInt8]

    package init(
        messageSID: String, sender: String, receivedAt: Timestamp, correlationID: CorrelationID, kind: Kind,
        body: [UInt8]
    ) {
        self.messageSID = messageSID
        self.sender = sender
        self.receivedAt = receivedAt
        self.correlationID = correlationID
        self.kind = kind
        self.body = body
    }

    private static let separator: UInt8 = 0x1F

    /// The bytes to push.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.count + messageSID.utf8.count + sender.utf8.count + 80)
        for field in ["v1", messageSID, sender, String(receivedAt.microseconds), correlationID.text, kind.rawValue] {
            bytes.append(contentsOf: field.utf8)
            bytes.append(Self.separator)
        }
        bytes.append(contentsOf: body)
        return bytes
    }

    /// Reads what `encoded()` wrote.
    ///
    /// Throws a `Malformed` that names the field, never its content.
    package init(decoding bytes: [UInt8]) throws(Malformed) {
        let parts = bytes.split(separator: Self.separator, maxSplits: 6, omittingEmptySubsequences: false)
        guard parts.count == 7 else { throw Malformed(field: "separator") }
        func text(_ index: Int, _ field: String) throws(Malformed) -> String {
            guard let text = String(validating: parts[index], as: UTF8.self), !text.isEmpty else {
                throw Malformed(field: field)
            }
            return text
        }
        guard try text(0, "version") == "v1" else { throw Malformed(field: "version") }
        guard let micros = Int64(try text(3, "receivedMicros")) else { throw Malformed(field: "receivedMicros") }
        guard let kind = Kind(rawValue: try text(5, "kind")) else { throw Malformed(field: "kind") }
        self.init(
            messageSID: try text(1, "MessageSid"), sender: try text(2, "sender"),
            receivedAt: Timestamp(microseconds: micros),
            correlationID: CorrelationID(accepting: try text(4, "correlation id")), kind: kind, body: Array(parts[6]))
    }

    /// Bytes that are no envelope, and the first field that shows it.
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package var field: String
        package var description: String { "malformed envelope: \(field)" }
    }
}
