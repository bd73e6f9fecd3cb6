import Common
import Foundation
import TestSupport
import Testing

@Suite struct JSONParsingTests {
    private func parse(_ text: String) -> JSONValue? { JSONValue(parsing: Array(text.utf8)) }

    @Test func everyKindOfValueIsRead() throws {
        let value = try #require(
            parse(
                #" {"a" : [1, -0, 2.50, 1e3, true, false, null], "b\n":"\u00e9\ud83d\ude82\/\"\\", "big":12345678901234567890} "#
            ))
        #expect(
            value["a"] == .array([1, 0, .decimal("2.50"), .decimal("1e3"), true, false, .null]))
        #expect(value["b\n"]?.string == "é🚂/\"\\")
        #expect(value["big"] == .decimal("12345678901234567890"))
        #expect(value["c"] == nil && value["a"]?["b"] == nil)
        #expect(parse(value.text) == value)
    }

    @Test(arguments: [
        "", " ", "{", "}", "[1,]", "[,1]", "{\"a\":}", "{\"a\" 1}", "{a:1}", "{\"a\":1,}", "01", "1.", ".5", "+1", "1e",
        "-", "nul", "truefalse", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"",
        "\"\u{1}\"", "[1] 2", "NaN", "'a'", "{\"a\":1}}",
    ])
    func whatIsNoJSONIsRefused(_ text: String) { #expect(parse(text) == nil) }

    @Test func bytesThatAreNoTextAndDeepNestsAreRefused() {
        #expect(JSONValue(parsing: [0x22, 0xFF, 0x22]) == nil)
        func nest(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(parse(nest(32)) != nil)
        #expect(parse(nest(40)) == nil && parse(String(repeating: "[", count: 60_000)) == nil)
    }

    /// Two readers may take different ones of two members with the same name.
    @Test func aNameThatIsThereTwiceIsNotThere() { #expect(parse(#"{"a":1,"a":2}"#)?["a"] == nil) }

    /// What Foundation reads, we read; and the other way round.
    ///
    /// Commas before a bracket are left out: Foundation lets some of them pass, which RFC 8259 does not.
    @Test func foundationAgrees() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        let pieces = [
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"\\n\"", "1", "-2.5", "true", "null", " ", "\"\\u00e9\"",
        ]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 1...7, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            let dense = text.filter { $0 != " " }
            if dense.contains(",]") || dense.contains(",}") { continue }
            let theirs = try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            #expect((parse(text) != nil) == (theirs != nil), "\(text), seed \(seed)")
        }
    }
}
