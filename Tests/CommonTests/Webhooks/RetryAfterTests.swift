import Common
import Testing

@Suite struct RetryAfterTests {
    /// 1994-11-06T08:49:37Z, the example of RFC 9110, section 5.6.7.
    private let now = Timestamp(seconds: 784_111_777)

    @Test(
        arguments: [
            ("0", .seconds(0)), ("1", .seconds(1)), ("120", .seconds(120)), ("3599", .seconds(3599)),
            ("3600", .seconds(3600)), ("86400", .seconds(3600)), ("99999999999999999999999", .seconds(3600)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", .seconds(0)), ("Sun, 06 Nov 1994 08:50:37 GMT", .seconds(60)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", .seconds(0)), ("Mon, 07 Nov 1994 08:49:37 GMT", .seconds(3600)),
        ] as [(String, Duration)])
    func secondsAndDates(text: String, wait: Duration) {
        #expect(RetryAfter.wait(text, now: now) == wait)
    }

    @Test(arguments: [
        nil, "", "-1", "1.5", "soon", " 1", "1 ", "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT",
    ])
    func anythingElseIsNoWish(text: String?) {
        #expect(RetryAfter.wait(text, now: now) == nil)
    }
}
