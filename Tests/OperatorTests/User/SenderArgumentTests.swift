import Testing

@testable import Operator

@Suite struct SenderArgumentTests {
    @Test(arguments: [
        ("+447700900123", "whatsapp:+447700900123", true), ("07700900123", "whatsapp:+447700900123", true),
        ("07700 900-123", "whatsapp:+447700900123", true), ("00447700900123", "whatsapp:+447700900123", true),
        ("(07700) 900123", "whatsapp:+447700900123", true), ("+1 415 523 8886", "whatsapp:+14155238886", true),
        ("whatsapp:+447700900123", "whatsapp:+447700900123", false),
        ("GB.13491208655302741918", "whatsapp:GB.13491208655302741918", false),
        ("whatsapp:GB.1349", "whatsapp:GB.1349", false), ("status:1", "status:1", false),
    ])
    func whatIsRead(_ given: String, _ address: String, _ isNumber: Bool) throws {
        let argument = try #require(SenderArgument(argument: given))
        #expect(argument.text == address)
        #expect(argument.isNumber == isNumber)
    }

    @Test(arguments: [
        "", "7700900123", "0770", "+0123456789", "hello", "GB.", "gb.123", "GB.1 2", "ada@example.com", "+44 x",
    ])
    func whatIsNot(_ given: String) {
        #expect(SenderArgument(argument: given) == nil)
    }
}
