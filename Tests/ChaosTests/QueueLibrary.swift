import Glibc
import TestSupport

/// The queue's functions as an older and a newer release would bring them.
struct QueueLibrary {
    let older: String
    let newer: String

    /// Tests run in the package's folder.
    init() throws {
        guard let file = fopen("Sources/Common/Queue/wa_v1.lua", "r") else {
            throw HarnessError("wa_v1.lua: errno \(errno)")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        older = Self.revised(text, by: -1)
        newer = Self.revised(text, by: 1)
    }

    /// The same with another number in `local REVISION = n`; only a comment differs where there is none.
    private static func revised(_ text: String, by step: Int) -> String {
        guard let found = text.firstMatch(of: /local REVISION = (\d+)/), let revision = Int(found.1) else {
            return text + "-- as of another release: \(step)\n"
        }
        return text.replacing(found.0, with: "local REVISION = \(revision + step)")
    }
}
