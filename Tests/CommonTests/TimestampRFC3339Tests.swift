import Common
import Testing

@Suite struct TimestampRFC3339Tests {
    @Test(arguments: [
        ("2026-11-22T19:35:00Z", "2026-11-22T19:35:00.000Z"),
        ("2026-11-22T19:35:00.5+01:00", "2026-11-22T18:35:00.500Z"),
        ("2026-11-22t00:00:00.123456789-05:30", "2026-11-22T05:30:00.123Z"),
        ("2024-02-29 12:00:00z", "2024-02-29T12:00:00.000Z"), ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59.000Z"),
    ])
    func isRead(text: String, expected: String) { #expect(Timestamp(rfc3339: text)?.rfc3339 == expected) }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22T19:35Z", "2026-11-22T19:35:00", "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T19:35:00Zx", "2026-11-22T19:35:00.Z",
        "2026-11-22T19:35:00+1:00", "+026-11-22T19:35:00Z", "２026-11-22T19:35:00Z",
    ])
    func isRefused(text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    @Test func whatWeWriteWeRead() {
        for microseconds in [0, 1_700_000_000_123_000, 4_000_000_000_999_000] as [Int64] {
            let moment = Timestamp(microseconds: microseconds)
            #expect(Timestamp(rfc3339: moment.rfc3339) == moment)
        }
    }
}
