import Testing

@testable import Common

@Suite struct EnvelopeTests {
    let envelope = Envelope(
        messageSID: "SM00000000000000000000000000000001", sender: "whatsapp:+447700900123",
        receivedAt: Timestamp(microseconds: 1_700_000_000_123_456), correlationID: CorrelationID(accepting: "abc-1"),
        kind: .message, body: Array("Body=a%1Fb&From=x".utf8) + [0x1F, 0x00, 0xFF])

    @Test func theWireFormIsTheDocumentedOne() {
        let expected =
            Array(
                "v1\u{1f}SM00000000000000000000000000000001\u{1f}whatsapp:+447700900123\u{1f}1700000000123456\u{1f}abc-1\u{1f}message\u{1f}"
                    .utf8) + envelope.body
        #expect(envelope.encoded() == expected)
    }

    /// The second version has one field more; without a trace it is never written.
    @Test func theWireFormWithATraceIsTheDocumentedOne() throws {
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        var traced = envelope
        traced.trace = TraceParent(trace)
        let expected =
            Array(
                "v2\u{1f}SM00000000000000000000000000000001\u{1f}whatsapp:+447700900123\u{1f}1700000000123456\u{1f}abc-1\u{1f}\(trace)\u{1f}message\u{1f}"
                    .utf8) + envelope.body
        #expect(traced.encoded() == expected)
        #expect(try Envelope(decoding: expected) == traced)
        #expect(traced.encoded().count - envelope.encoded().count == trace.utf8.count + 1)
    }

    /// No message is lost for a trace that is none.
    @Test(arguments: ["", "00", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "\u{7f}"])
    func aTraceThatIsNoneIsLeftOut(trace: String) throws {
        let bytes = Array("v2\u{1f}SM1\u{1f}ann\u{1f}5\u{1f}c\u{1f}\(trace)\u{1f}message\u{1f}Body=a\u{1f}b".utf8)
        let read = try Envelope(decoding: bytes)
        #expect(read.trace == nil && read.messageSID == "SM1" && read.body == Array("Body=a\u{1f}b".utf8))
        #expect(read.encoded().starts(with: Array("v1\u{1f}SM1".utf8)))
    }

    @Test func whatWasEncodedIsDecodedByteForByte() throws {
        #expect(try Envelope(decoding: envelope.encoded()) == envelope)
        for kind in Envelope.Kind.allCases {
            var other = envelope
            other.kind = kind
            other.body = []
            #expect(try Envelope(decoding: other.encoded()) == other)
        }
    }

    /// Each prefix and each flipped byte gives a value or a clean error, never a trap.
    @Test func damagedEnvelopesAreRefusedOrRead() {
        let bytes = envelope.encoded()
        for length in 0..<90 {
            #expect(throws: Envelope.Malformed.self) { try Envelope(decoding: Array(bytes.prefix(length))) }
        }
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x80
            _ = try? Envelope(decoding: damaged)
        }
    }

    @Test func theErrorNamesTheFieldAndNoContent() {
        let bytes = Array("v1\u{1f}SM1\u{1f}whatsapp:+447700900123\u{1f}soon\u{1f}c\u{1f}message\u{1f}secret".utf8)
        #expect(throws: Envelope.Malformed(field: "receivedMicros")) { try Envelope(decoding: bytes) }
        #expect("\(Envelope.Malformed(field: "kind"))" == "malformed envelope: kind")
    }
}

@Suite struct QueueKeysTests {
    /// The check value of CRC-16/XMODEM, and slots as Redis Cluster's specification gives them.
    @Test func theChecksumIsRedisClusters() {
        #expect(crc16("123456789".utf8) == 0x31C3)
        #expect(crc16("foo".utf8) % 16384 == 12182)
    }

    @Test func aSenderHasOneShardAndItsKeysOneSlot() {
        let keys = QueueKeys(shards: 64)
        let shard = keys.shard(of: "whatsapp:+447700900123")
        #expect((0..<64).contains(shard))
        #expect(shard == keys.shard(of: "whatsapp:+447700900123"))
        #expect(keys.ingress(shard) == "{wa:\(shard)}:in")
        #expect(QueueKeys(shards: 1).shard(of: "anyone") == 0)
    }
}

@Suite struct RFC2822Tests {
    @Test func twiliosDatesAreRead() {
        #expect(Timestamp(rfc2822: "Thu, 24 Aug 2023 05:01:45 +0000")?.rfc3339 == "2023-08-24T05:01:45.000Z")
        #expect(Timestamp(rfc2822: "24 Aug 2023 06:01:45 +0100")?.rfc3339 == "2023-08-24T05:01:45.000Z")
        for wrong in ["", "yesterday", "Thu, 24 Nix 2023 05:01:45 +0000", "Thu, 24 Aug 2023 25:01:45 +0000", "1 2 3"] {
            #expect(Timestamp(rfc2822: wrong) == nil)
        }
    }

    @Test(arguments: [0, 951_782_400, 1_700_000_000, 4_102_444_799])
    func whatIsPrintedIsReadAgain(seconds: Int64) {
        let moment = Timestamp(seconds: seconds)
        #expect(Timestamp(rfc2822: moment.rfc2822) == moment)
    }

    @Test func theWeekdayIsRight() {
        #expect(Timestamp(seconds: 0).rfc2822 == "Thu, 01 Jan 1970 00:00:00 +0000")
        #expect(Timestamp(seconds: 1_692_853_305).rfc2822 == "Thu, 24 Aug 2023 05:01:45 +0000")
    }
}
