import TestSupport
import Testing

@testable import Worker

@Suite struct ReplySplitterTests {
    @Test func aTextThatFitsIsLeftAlone() {
        for text in ["a", " a \n", String(repeating: "x", count: 1000), String(repeating: "👍", count: 800)] {
            #expect(ReplySplitter.parts(of: text) == [text])
        }
        #expect(ReplySplitter.parts(of: "") == [])
        #expect(ReplySplitter.parts(of: String(repeating: "\n", count: 2000)) == [])
    }

    @Test func itIsCutAtLinesThenSentencesThenWords() {
        let line = String(repeating: "x", count: 400)
        #expect(ReplySplitter.parts(of: "\(line)\n\(line)\n\n\(line)") == ["\(line)\n\(line)", line])
        let sentence = String(repeating: "y ", count: 300) + "end."
        #expect(ReplySplitter.parts(of: "\(sentence) \(sentence)") == [sentence, sentence])
        let words = Array(repeating: "word", count: 400).joined(separator: " ")
        let parts = ReplySplitter.parts(of: words)
        #expect(parts.allSatisfy { $0.hasPrefix("word") && $0.hasSuffix("word") && $0.count <= 1000 })
        #expect(parts.map(\.count) == [999, 999])
        // A heading is not sent alone because a long paragraph follows.
        let headed = ReplySplitter.parts(of: "Heading\n" + words)
        #expect(headed.first?.hasPrefix("Heading\nword") == true)
    }

    @Test func addressesAndTheCodesPlaceStayWhole() {
        let address = "https://example.com/" + String(repeating: "a", count: 1200)
        let filler = String(repeating: "z", count: 990)
        #expect(ReplySplitter.parts(of: "see \(address) now") == ["see", address, "now"])
        #expect(
            ReplySplitter.parts(of: "\(filler) https://example.com/terms") == [filler, "https://example.com/terms"])
        let glued = String(repeating: "z", count: 997) + OutboundReply.codePlaceholder
        #expect(ReplySplitter.parts(of: glued) == [String(repeating: "z", count: 997), OutboundReply.codePlaceholder])
        // Beyond what Twilio takes there is no whole.
        let endless = "https://example.com/" + String(repeating: "a", count: 3000)
        let parts = ReplySplitter.parts(of: endless)
        #expect(parts.joined() == endless && parts.allSatisfy { $0.utf16.count <= 1600 })
    }

    @Test func whatIsOneCharacterStaysOne() {
        let family = "👨‍👩‍👧‍👦"  // 11 UTF-16 units
        let parts = ReplySplitter.parts(of: String(repeating: family, count: 500))
        #expect(parts.allSatisfy { $0.utf16.count <= 1600 && $0.allSatisfy { $0 == Character(family) } })
        #expect(parts.joined().count == 500)
        let monster = "e" + String(repeating: "\u{0301}", count: 4000)
        #expect(ReplySplitter.parts(of: monster).allSatisfy { $0.utf16.count <= 1600 })
        #expect(ReplySplitter.parts(of: monster).joined().unicodeScalars.count == 4001)
    }

    /// Whatever the text: nothing is lost but white space at cuts, nothing is empty, nothing is too long, and no
    /// address or code is cut.
    @Test(arguments: 0..<300)
    func anyText(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let pieces = [
            "word", "a", "longer-word-with-many-letters", " ", "  ", "\n", "\n\n", "\r\n", ". ", "! ", "?", "é",
            "e\u{0301}",
            "👍🏽", "👨‍👩‍👧‍👦", "🇬🇧", "漢字", "漢字漢字漢字漢字漢字漢字", "https://example.com/a?b=c", " www.example.com ",
            OutboundReply.codePlaceholder, "\t", "العربية", "\u{200D}", String(repeating: "x", count: 300),
        ]
        var text = ""
        for _ in 0..<Int.random(in: 1...900, using: &random) {
            text += pieces[Int.random(in: 0..<pieces.count, using: &random)]
        }
        let parts = ReplySplitter.parts(of: text)
        var rest = text[...]
        for part in parts {
            #expect(!part.isEmpty && part.utf16.count <= 1600)
            #expect(part.count <= 1000 || part.contains("://") || part.contains("www."))
            if parts.count > 1 { rest = rest.drop { $0.isWhitespace } }
            #expect(rest.hasPrefix(part), "in order, and nothing left out")
            rest = rest.dropFirst(part.count)
        }
        #expect(rest.allSatisfy { $0.isWhitespace })
        let codes = text.ranges(of: OutboundReply.codePlaceholder).count
        let inParts = parts.reduce(0) { $0 + $1.ranges(of: OutboundReply.codePlaceholder).count }
        #expect(inParts == codes, "no code is cut")
    }
}
