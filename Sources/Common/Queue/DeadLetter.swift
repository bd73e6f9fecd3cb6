/// A message that was given up on, as the dead list holds it.
///
/// On the wire: reason, error, deliveries, milliseconds of Redis' clock and the envelope, separated by 0x1f. Every
/// entry can be read: of one that is damaged at least its bytes are kept, under a name made of their digest.
package struct DeadLetter: Hashable, Sendable {
    /// One of a few words: `deliveries` (delivered too often), `malformed` (no envelope), `unreadable` (no dead letter).
    package var reason: String
    /// What went wrong, in words.
    package var error: String
    /// How often the message was handed out.
    package var deliveries: Int
    /// When it was given up on, by Redis' clock, to the millisecond; 1970 when the entry does not say.
    package var at: Timestamp
    /// The bytes that were pushed.
    package var envelope: [UInt8]
    package var messageSID: String
    /// The sender in whose list it was; empty when the envelope does not say.
    package var sender: String
    /// Whether the queue can tell whose message it is: what cannot be replayed can only be discarded.
    package var hasHeader: Bool

    private static let separator: UInt8 = 0x1F
    /// The longest MessageSid or sender that is kept: Postgres' indexes refuse much longer ones.
    private static let longestName = 200

    /// Reads an entry of the dead list.
    package init(entry bytes: [UInt8]) {
        let parts = bytes.split(separator: Self.separator, maxSplits: 4, omittingEmptySubsequences: false)
        if parts.count == 5, let deliveries = Self.number(parts[2]), let milliseconds = Self.number(parts[3]),
            deliveries <= Int64(Int32.max), milliseconds < 1 << 48
        {
            self.init(
                reason: Self.text(parts[0]), error: Self.text(parts[1]), deliveries: Int(deliveries),
                at: Timestamp(microseconds: milliseconds * 1000), envelope: Array(parts[4]))
        } else {
            self.init(
                reason: "unreadable", error: "an entry of the dead list that is none", deliveries: 0,
                at: Timestamp(microseconds: 0), envelope: bytes)
        }
    }

    package init(reason: String, error: String, deliveries: Int, at: Timestamp, envelope: [UInt8]) {
        self.reason = reason
        self.error = error
        self.deliveries = deliveries
        self.at = at
        self.envelope = envelope
        let fields = envelope.split(separator: Self.separator, maxSplits: 3, omittingEmptySubsequences: false)
        // The same rule as `header` in wa_v1.lua.
        if fields.count == 4, Envelope.fieldsBeforeBody(of: envelope) != nil, let sid = Self.name(fields[1]),
            let sender = Self.name(fields[2])
        {
            (messageSID, self.sender, hasHeader) = (sid, sender, true)
        } else {
            (messageSID, sender, hasHeader) = ("malformed:" + SHA256.digest(of: envelope).prefix(8).hex, "", false)
        }
    }

    /// The message; nil when this release cannot read the envelope.
    package var message: Envelope? { try? Envelope(decoding: envelope) }

    /// Under which the message was accepted, as far as the envelope says so.
    package var correlationID: CorrelationID? { Envelope.correlationID(in: envelope) }

    /// The same letter with nothing in it that may be a one-time code, for what is stored.
    ///
    /// `holdsCode` is asked about a passenger's words. A form stays one and can be replayed; of bytes that nobody can
    /// read every digit is replaced.
    package func redacted(always: Bool = false, holdsCode: (String) -> Bool) -> DeadLetter {
        var copy = self
        let place = Envelope.fieldsBeforeBody(of: envelope) ?? 0
        let fields = envelope.split(separator: Self.separator, maxSplits: place, omittingEmptySubsequences: false)
        guard hasHeader, fields.count == place + 1 else {
            copy.envelope = envelope.map { Self.isDigit($0) ? UInt8(ascii: "#") : $0 }
            return copy
        }
        let body = Array(fields[place])
        guard let form = FormParameters(parsing: body) else { return copy }
        let words = Self.spoken.compactMap { form[$0] }
        guard !words.isEmpty, always || words.contains(where: holdsCode) else { return copy }
        copy.envelope =
            envelope.dropLast(body.count) + FormParameters.redacting(Set(Self.spoken), in: body)
        return copy
    }

    /// Whether the body was stored without the passenger's words.
    package var isRedacted: Bool {
        guard hasHeader else { return false }
        return message.flatMap { FormParameters(parsing: $0.body) }.map(\.isRedacted) ?? false
    }

    /// The parameters in which a passenger's words come.
    private static let spoken = ["Body", "ButtonText", "ButtonPayload", "ListTitle"]

    /// A field of a header; nil when it is empty, too long, or holds what is not text.
    private static func name(_ bytes: ArraySlice<UInt8>) -> String? {
        guard !bytes.isEmpty, bytes.count <= longestName, bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            return nil
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix(1000).map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard !bytes.isEmpty, bytes.allSatisfy(isDigit) else { return nil }
        return Int64(String(decoding: bytes, as: UTF8.self))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

extension FormParameters {
    /// Whether the words of this form were replaced before it was stored.
    package var isRedacted: Bool { self["Body"] == "[redacted]" || self["ButtonText"] == "[redacted]" }
}
