/// A numbered change of the schema and its reversal, as they lie in `migrations/`.
package struct Migration: Hashable, Sendable, CustomStringConvertible {
    /// One of the two files.
    package struct File: Hashable, Sendable {
        /// Without its folder: `0001_conversations.up.sql`.
        package let name: String
        package let sql: String
        /// SHA-256 of its bytes, in hexadecimal.
        package let checksum: String

        package init(name: String, bytes: [UInt8]) {
            self.name = name
            sql = String(decoding: bytes, as: UTF8.self)
            checksum = SHA256.digest(of: bytes).hex
        }
    }

    package let version: Int
    package let name: String
    package let up: File
    package let down: File

    package init(version: Int, name: String, up: File, down: File) {
        self.version = version
        self.name = name
        self.up = up
        self.down = down
    }

    /// `0001_conversations`.
    package var description: String { Self.label(version, name) }

    package static func label(_ version: Int, _ name: String) -> String {
        let digits = "\(version)"
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "_" + name
    }
}
