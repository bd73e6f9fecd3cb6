import Common
import Foundation
import Testing

@Suite struct StartupPagesTests {
    /// Kilobytes of mapped files that are resident.
    private var resident: Int {
        get throws {
            let lines = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
            let line = try #require(lines.first { $0.hasPrefix("RssFile:") })
            return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
        }
    }

    @Test func codeIsNoLongerResidentAndStillRuns() throws {
        let before = try resident
        StartupPages.giveBack()
        let after = try resident
        #expect(after < before * 3 / 4, "\(before) kB before, \(after) kB after")
        // What has been given back comes back: this uses the runtime, the C library and OpenSSL.
        #expect(SHA256.digest(of: Array("abc".utf8)).hex.hasPrefix("ba7816bf"))
    }
}
