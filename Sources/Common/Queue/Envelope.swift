/// One accepted message on its way through the queue.
///
/// On the wire: `v1`, MessageSid, sender, microseconds of receipt, correlation id, kind and raw body, separated by
/// 0x1f. One that carries a trace is `v2`, with the `traceparent` between correlation id and kind; without a trace it is
/// never written (docs/decisions/0022). The header can be read inside Redis with plain string search; the body is
/// byte-exact, so that a signature could be checked again.
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
    /// The span whose children are what becomes of the message; nil when nobody traces it.
    package var trace: TraceParent?
    package var kind: Kind
    package var body: [UInt8]

    package init(
        messageSID: String, sender: String, receivedAt: Timestamp, correlationID: CorrelationID,
        trace: TraceParent? = nil, kind: Kind, body: [UInt8]
    ) {
        self.messageSID = messageSID
        self.sender = sender
        self.receivedAt = receivedAt
        self.correlationID = correlationID
        self.trace = trace
        self.kind = kind
        self.body = body
    }

    private static let separator: UInt8 = 0x1F

    /// The bytes to push.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(
            body.count + messageSID.utf8.count + sender.utf8.count + correlationID.text.utf8.count
                + (trace == nil ? 48 : 104))
        func append(_ field: String) {
            bytes.append(contentsOf: field.utf8)
            bytes.append(Self.separator)
        }
        append(trace == nil ? "v1" : "v2")
        append(messageSID)
        append(sender)
        append(String(receivedAt.microseconds))
        append(correlationID.text)
        if let trace { append(trace.text) }
        append(kind.rawValue)
        bytes.append(contentsOf: body)
        return bytes
    }

    /// The correlation id in bytes that may be no envelope that this release reads: of a kind to come, or cut off.
    package static func correlationID(in bytes: [UInt8]) -> CorrelationID? {
        guard fieldsBeforeBody(of: bytes) != nil else { return nil }
        let parts = bytes.split(separator: separator, maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, let text = String(validating: parts[4], as: UTF8.self) else { return nil }
        let id = CorrelationID(accepting: text)
        return id.text == text ? id : nil
    }

    /// How many fields stand before the body in an envelope of this version; nil for bytes that begin with none.
    static func fieldsBeforeBody(of bytes: some Collection<UInt8>) -> Int? {
        let version = bytes.prefix(3)
        if version.elementsEqual([UInt8(ascii: "v"), UInt8(ascii: "1"), separator]) { return 6 }
        if version.elementsEqual([UInt8(ascii: "v"), UInt8(ascii: "2"), separator]) { return 7 }
        return nil
    }

    /// Reads what `encoded()` wrote.
    ///
    /// A trace that is none is left out: it is no reason to lose a message. Throws a `Malformed` that names the field,
    /// never its content.
    package init(decoding bytes: [UInt8]) throws(Malformed) {
        guard let fields = Self.fieldsBeforeBody(of: bytes) else { throw Malformed(field: "version") }
        let parts = bytes.split(separator: Self.separator, maxSplits: fields, omittingEmptySubsequences: false)
        guard parts.count == fields + 1 else { throw Malformed(field: "separator") }
        func text(_ index: Int, _ field: String) throws(Malformed) -> String {
            guard let text = String(validating: parts[index], as: UTF8.self), !text.isEmpty else {
                throw Malformed(field: field)
            }
            return text
        }
        guard let micros = Int64(try text(3, "receivedMicros")) else { throw Malformed(field: "receivedMicros") }
        guard let kind = Kind(rawValue: try text(fields - 1, "kind")) else { throw Malformed(field: "kind") }
        self.init(
            messageSID: try text(1, "MessageSid"), sender: try text(2, "sender"),
            receivedAt: Timestamp(microseconds: micros),
            correlationID: CorrelationID(accepting: try text(4, "correlation id")),
            trace: fields == 7 ? TraceParent(bytes: parts[5]) : nil, kind: kind, body: Array(parts[fields]))
    }

    /// Bytes that are no envelope, and the first field that shows it.
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package var field: String
        package var description: String { "malformed envelope: \(field)" }
    }
}
