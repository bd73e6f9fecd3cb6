import Common
import TestSupport
import Testing

@testable import Operator

@Suite struct HTMLTests {
    /// What people might send to get out of the place where their words are shown.
    private static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</td></table>",
        "&lt;b&gt;", "`${alert(1)}`", "--><svg/onload=alert(1)>", "javascript:alert(1)", "\u{0}\u{1B}[2J",
        "\u{202E}gnp.exe", "]]>", "</title><script>", "%3Cscript%3E", "\\u003cscript\\u003e", "a\"b'c<d>e&f",
    ]

    /// What our pages are made of; that none of it comes from data shows in what is not here: `b`, `svg onload`, `img src=x`.
    private static let tags: Set<String> = [
        "!doctype", "a", "body", "button", "caption", "dd", "div", "dl", "dt", "form", "h1", "h2", "head", "header",
        "html", "img", "input", "label", "li", "link", "main", "meta", "nav", "option", "p", "section", "select",
        "span", "table", "tbody", "td", "th", "thead", "time", "title", "tr", "ul", "script",
    ]
    private static let void: Set<String> = ["!doctype", "img", "input", "link", "meta"]
    private static let scripts = #"<script src="/console.js" defer>"#

    /// What is wrong with a page: tags that are not ours, handlers, tags that do not close in order.
    private static func faults(_ html: String) -> [String] {
        var faults: [String] = []
        var open: [String] = []
        var rest = html.utf8[...]
        while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
            guard let end = rest[start...].firstIndex(of: UInt8(ascii: ">")) else { return faults + ["never ends"] }
            let tag = String(Substring(rest[start...end]))
            rest = rest[rest.index(after: end)...]
            let name = String(tag.dropFirst().drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber || $0 == "!" })
            if !tags.contains(name) || name == "script" && tag != "</script>" && tag != scripts { faults.append(tag) }
            if tag.utf8.count(where: { $0 == UInt8(ascii: "\"") }) % 2 != 0 || tag.dropFirst().contains("<") {
                faults.append(tag)
            }
            // Outside of quotes there are only names of attributes.
            for (place, part) in tag.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            where place % 2 == 0 {
                let isPlain = part.allSatisfy { $0.isLetter || $0.isNumber || " =-</>!".contains($0) }
                if !isPlain || part.contains(" on") { faults.append(tag) }
            }
            if tag.hasPrefix("</") {
                if open.popLast() != name { faults.append("\(tag) closes another") }
            } else if !void.contains(name) {
                open.append(name)
            }
        }
        return open.isEmpty ? faults : faults + open
    }

    /// A text of hostile pieces and others, one of many.
    private static func text(_ random: inout SplitMix64) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            if Bool.random(using: &random) {
                text += hostile.randomElement(using: &random) ?? ""
            } else {
                text.unicodeScalars.append(Unicode.Scalar(UInt8.random(in: 0...255, using: &random)))
            }
        }
        return text
    }

    private static func letter(_ words: () -> String) throws -> StoredDeadLetter {
        let form = FormParameters.encode([
            ("MessageSid", words()), ("From", words()), ("Body", words()), (words(), words()),
        ])
        let envelope =
            Array(
                "v1\u{1F}SM1\u{1F}\(words().filter { $0 >= " " && $0 != "\u{7F}" }.prefix(60))x\u{1F}1\u{1F}c\u{1F}message\u{1F}"
                    .utf8)
            + form
        var letter = DeadLetter(
            reason: words(), error: words(), deliveries: 8, at: Timestamp(seconds: 1), envelope: envelope)
        letter.messageSID = words()
        return StoredDeadLetter(id: 7, letter: letter)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func dataNeverBecomesMarkup(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let session = Session(name: "s", formToken: "t", isLoggedIn: true)
        for _ in 0..<150 {
            let words = { Self.text(&random) }
            let stored = try Self.letter(words)
            let list = DeadPage(
                query: DeadQuery(try #require(FormParameters(parsing: Array("status=all&reason=%22%3E".utf8)))),
                letters: [stored], count: 1, hasMore: true, reasons: ["x", words()], now: Timestamp(seconds: 9))
            let confirmation = ConfirmationPage(
                question: words(), consequences: [words()], verb: words(), action: words(),
                fields: [(words(), words())], back: words())
            let frame = PageFrame(
                title: words(), section: .dead, session: session, notice: Notice(kind: .done, text: words()))
            let letter = { LetterPage(stored: stored, isRevealed: $0, now: Timestamp(seconds: 9)).html(session) }
            let given = [
                frame.html(list.html(session)), letter(true), letter(false), confirmation.html(session),
                Attention(weight: .bad, text: words()).html, SearchPage(problem: words()).html(session),
            ].map(\.text)
            #expect(given.flatMap(Self.faults) == [], "seed \(seed)")
            for page in given {
                #expect(!page.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" })
                #expect(!page.unicodeScalars.contains("\u{202E}"))
            }
        }
    }

    /// The check above would find what it looks for.
    @Test func hostileMarkupWouldBeFound() {
        let page = { (words: String) in "<p class=\"\(words)\">\(words)</p>" }
        #expect(Self.faults(page("harmless")) == [])
        for words in Self.hostile where words.contains("<") || words.contains("\"") {
            #expect(!Self.faults(page(words)).isEmpty, "\(words)")
        }
    }

    @Test func valuesAreWrittenForPeople() {
        #expect(HTML.count(1_234_567) == "1\u{202F}234\u{202F}567" && HTML.count(999) == "999")
        #expect(HTML.several(1, "letter") == "1 letter" && HTML.several(2, "letter") == "2 letters")
        #expect(HTML.coarse(.seconds(59)) == "59 s" && HTML.coarse(.seconds(86_400)) == "24 h")
        #expect(HTML.moment(Timestamp(seconds: 0)).text.contains(">1 Jan 00:00:00</time>"))
        #expect(Throughput.words(0) == "0/s" && Throughput.words(0.05) == "3/min" && Throughput.words(2.25) == "2.3/s")
    }

    @Test func ratesComeFromTotals() {
        let start = ContinuousClock.now
        let samples = [(0, 0, 0), (5, 10, 0), (10, 30, 1), (15, 4, 0)].map { second, done, dead in
            ThroughputRecord.Sample(at: start + .seconds(second), done: done, dead: dead)
        }
        #expect(Throughput([]).processedRate == nil && Throughput(Array(samples.prefix(1))).processedRate == nil)
        let three = Throughput(Array(samples.prefix(3)))
        #expect(three.processed == [2, 4] && three.givenUp == [0, 0.2])
        #expect(three.processedRate == 3 && three.span == .seconds(10))
        // Redis was emptied: a total that shrank is no rate.
        #expect(Throughput(samples).processed == [2, 4, 0])
    }
}
