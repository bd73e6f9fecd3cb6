/// A railway station of Great Britain.
package struct Station: Hashable, Sendable {
    /// Its three-letter code (CRS), in capitals.
    package let code: String
    package let name: String
}

extension Station: CustomStringConvertible {
    /// As passengers are shown it: `Leeds (LDS)`; `StationIndex` reads it back.
    package var description: String { "\(name) (\(code))" }
}
