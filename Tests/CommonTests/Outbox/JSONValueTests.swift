import Common
import Testing

@Suite struct JSONValueTests {
    @Test func membersKeepTheirOrder() {
        let value: JSONValue = ["b": 1, "a": ["x": true], "c": .array([.null, -2, "t"])]
        #expect(value.text == #"{"b":1,"a":{"x":true},"c":[null,-2,"t"]}"#)
    }

    @Test func textIsEscaped() {
        #expect(JSONValue.string("a\"b\\c\nd\te\u{1F}é😀").text == #""a\"b\\c\nd\u0009e\u001fé😀""#)
        #expect(JSONValue.string("\r\n").text == #""\u000d\n""#)
    }

    @Test func nulBecomesTheReplacementCharacter() {
        #expect(JSONValue.string("a\0b").text == "\"a\u{FFFD}b\"")
    }

    @Test func nilIsNull() {
        #expect(
            JSONValue.object([.init("s", .string(nil)), .init("i", .integer(nil))]).text == #"{"s":null,"i":null}"#)
    }
}
