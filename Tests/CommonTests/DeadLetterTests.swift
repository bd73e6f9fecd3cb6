import Common
import Testing

@Suite struct DeadLetterTests {
    static func entry(_ envelope: [UInt8], at milliseconds: Int64 = 1_700_000_000_123) -> [UInt8] {
        Array("deliveries\u{1f}delivered too often\u{1f}8\u{1f}\(milliseconds)\u{1f}".utf8) + envelope
    }

    static func envelope(
        _ sid: String = "SM1", body: String = "Body=hi", kind: Envelope.Kind = .message,
        from sender: String = "whatsapp:+447700900123"
    ) -> Envelope {
        Envelope(
            messageSID: sid, sender: sender, receivedAt: Timestamp(microseconds: 1_700_000_000_000_001),
            correlationID: CorrelationID(), kind: kind, body: Array(body.utf8))
    }

    @Test func anEntryIsReadWhole() {
        let envelope = Self.envelope(body: "Body=a\u{1f}b")
        let letter = DeadLetter(entry: Self.entry(envelope.encoded()))
        #expect(letter.reason == "deliveries")
        #expect(letter.error == "delivered too often")
        #expect(letter.deliveries == 8)
        #expect(letter.at == Timestamp(microseconds: 1_700_000_000_123_000))
        #expect(letter.messageSID == "SM1")
        #expect(letter.sender == "whatsapp:+447700900123")
        #expect(letter.message == envelope)
        #expect(letter.hasHeader)
    }

    /// An envelope that carries a trace is read, and redacted, like any other.
    @Test func aTracedEnvelopeIsReadWholeAndRedacted() throws {
        var envelope = Self.envelope(body: "From=x&Body=it+is+123+456&To=y")
        envelope.trace = TraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        let letter = DeadLetter(entry: Self.entry(envelope.encoded()))
        #expect(letter.hasHeader && letter.messageSID == "SM1" && letter.sender == "whatsapp:+447700900123")
        #expect(letter.message == envelope)
        let stored = letter.redacted { _ in true }
        let message = try #require(stored.message)
        #expect(message.trace == envelope.trace && message.correlationID == envelope.correlationID)
        #expect(!String(decoding: message.body, as: UTF8.self).contains("123") && stored.isRedacted)
    }

    /// Whatever stands in the list has a name, and the same one every time.
    @Test(arguments: [
        "", "nonsense", "\u{1f}\u{1f}\u{1f}\u{1f}", "malformed\u{1f}x\u{1f}many\u{1f}1\u{1f}v1", "v1\u{1f}SM1",
        "malformed\u{1f}x\u{1f}0\u{1f}99999999999999999999\u{1f}v1\u{1f}SM1\u{1f}ann\u{1f}",
    ])
    func damagedEntriesAreKept(text: String) {
        let letter = DeadLetter(entry: Array(text.utf8))
        #expect(letter.messageSID.hasPrefix("malformed:"))
        #expect(letter.sender.isEmpty)
        #expect(!letter.hasHeader && letter.correlationID == nil)
        #expect(letter.reason == "unreadable" || text.hasPrefix("\u{1f}"))
        #expect(DeadLetter(entry: Array(text.utf8)) == letter)
    }

    @Test func namesThatNoIndexTakesAreMalformed() {
        let long = String(repeating: "S", count: 5000)
        let letter = DeadLetter(entry: Self.entry(Self.envelope(long).encoded()))
        #expect(letter.messageSID.hasPrefix("malformed:"))
    }

    @Test func aKindOfALaterReleaseKeepsItsName() {
        let letter = DeadLetter(
            entry: Self.entry(Array("v1\u{1f}SM1\u{1f}ann\u{1f}5\u{1f}c\u{1f}fax\u{1f}Body=hi".utf8)))
        #expect(letter.messageSID == "SM1" && letter.sender == "ann" && letter.hasHeader)
        #expect(letter.message == nil && letter.correlationID?.text == "c")
        #expect(letter.redacted { _ in false }.envelope == letter.envelope)
    }

    @Test func wordsThatMayBeACodeAreNotStored() throws {
        let letter = DeadLetter(entry: Self.entry(Self.envelope(body: "From=x&Body=it+is+123+456&To=y").encoded()))
        var asked: [String] = []
        let stored = letter.redacted { words in
            asked.append(words)
            return true
        }
        #expect(asked == ["it is 123 456"])
        #expect(stored.messageSID == letter.messageSID && stored.at == letter.at)
        #expect(stored.isRedacted && !letter.isRedacted)
        let message = try #require(stored.message)
        let form = try #require(FormParameters(parsing: message.body))
        #expect(form["Body"] == "[redacted]" && form["From"] == "x" && form["To"] == "y")
        #expect(letter.redacted { _ in false } == letter)
        #expect(letter.redacted(always: true) { _ in false } == stored)
    }

    @Test func whatIsNoFormIsLeftAlone() {
        let letter = DeadLetter(
            entry: Self.entry(Self.envelope(body: #"{"type":"evaluation.completed"}"#, kind: .event).encoded()))
        #expect(letter.redacted(always: true) { _ in true } == letter)
    }

    @Test func digitsOfWhatNobodyCanReadAreNotStored() {
        let letter = DeadLetter(entry: Array("malformed\u{1f}not an envelope\u{1f}0\u{1f}1\u{1f}Body=123 456".utf8))
        let stored = letter.redacted { _ in false }
        #expect(String(decoding: stored.envelope, as: UTF8.self) == "Body=### ###")
        #expect(stored.messageSID == letter.messageSID, "named after what was there")
    }
}
