import Common
import Testing

/// The header as https://www.w3.org/TR/trace-context/ has it, sections 3.2 and 4.
@Suite struct TraceParentTests {
    static let example = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func theExampleOfTheRecommendationIsRead() throws {
        let trace = try #require(TraceParent(Self.example))
        #expect(trace.traceID.description == "0af7651916cd43dd8448eb211c80319c")
        #expect(trace.spanID.description == "b7ad6b7169203331")
        #expect(trace.isSampled && !trace.isRandom)
        #expect(trace.text == Self.example && "\(trace)" == Self.example)
    }

    /// Only flags with a meaning are passed on: sampled, and, of level 2, random.
    @Test(arguments: 0...255)
    func everyByteOfFlagsIsRead(flags: Int) throws {
        let text = String(Self.example.dropLast(2)) + [UInt8(flags)].hex
        let trace = try #require(TraceParent(text))
        #expect(trace.isSampled == (flags & 1 == 1) && trace.isRandom == (flags & 2 == 2))
        #expect(trace.text == Self.example.dropLast(2) + [UInt8(flags & 3)].hex)
    }

    /// Versions to come may have more fields; this one may not, and `ff` is none.
    @Test(arguments: 0...255)
    func everyVersionIsReadAsItMay(version: Int) {
        let text = [UInt8(version)].hex + Self.example.dropFirst(2)
        #expect((TraceParent(text) != nil) == (version != 255))
        #expect((TraceParent(text + "-what-the-future-will-be-like") != nil) == (1...254).contains(version))
        #expect((TraceParent(text + "-") != nil) == (1...254).contains(version))
        #expect(TraceParent(text + ".") == nil)
        #expect(TraceParent(text + "00") == nil)
        #expect(TraceParent(text).map { $0.text == Self.example } ?? (version == 255), "it goes on as version 00")
    }

    /// Each prefix, and each byte in each place but those that make another value, is refused.
    @Test func nothingElseIsRead() {
        let bytes = Array(Self.example.utf8)
        for length in 0..<bytes.count { #expect(TraceParent(bytes: bytes.prefix(length)) == nil) }
        let digits = Set("0123456789abcdef".utf8)
        for place in bytes.indices {
            for byte in UInt8.min...UInt8.max where byte != bytes[place] {
                var damaged = bytes
                damaged[place] = byte
                let isDash = bytes[place] == UInt8(ascii: "-")
                // `f0` and `0f` are versions; only `ff` is none, and takes two bytes to write.
                #expect(
                    (TraceParent(bytes: damaged) != nil) == (!isDash && digits.contains(byte)),
                    "\(byte) at \(place)")
            }
        }
    }

    @Test(
        arguments: [
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-B7AD6B7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0A",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01,\(example)",
            " \(example)", "\(example) ", "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
            "0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "", "-", "00", "\u{1F600}",
            "00-\u{660}af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ])
    func whatTheRecommendationForbidsIsRefused(text: String) { #expect(TraceParent(text) == nil, "\(text)") }

    @Test func idsOfOneBitAreIDs() throws {
        for bit in 0..<64 {
            let one = UInt64(1) << UInt64(bit)
            for trace in [TraceID(high: one, low: 0), TraceID(high: 0, low: one)] {
                let trace = try #require(trace)
                let span = try #require(SpanID(one))
                let parent = TraceParent(traceID: trace, spanID: span, isSampled: false, isRandom: true)
                #expect(parent.text.utf8.count == 55 && TraceParent(parent.text) == parent)
                #expect(parent.text == "00-\(trace)-\(span)-02")
            }
        }
        #expect(TraceID(high: 0, low: 0) == nil && SpanID(0) == nil)
    }

    @Test func drawnIDsAreNeverZero() {
        struct Stubborn: RandomNumberGenerator {
            var left = 5
            mutating func next() -> UInt64 {
                left -= 1
                return left > 0 ? 0 : 7
            }
        }
        var random = Stubborn()
        #expect(SpanID.random(using: &random).number == 7)
        random = Stubborn()
        #expect(TraceID.random(using: &random).low == 7)
    }
}
