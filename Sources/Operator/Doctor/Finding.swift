import Common

/// What one look at something showed, and what to do about it.
struct Finding: Hashable, Sendable {
    /// How bad it is.
    enum Level: String, CaseIterable, Sendable {
        case ok
        /// It works, and should be otherwise.
        case warning
        /// It does not work, or loses something.
        case problem
        /// Not looked at: something else must be mended first, or was left out on purpose.
        case skipped
    }

    var level: Level
    /// What is so; never a secret, nor whose message it is.
    var text: String
    /// How to mend it.
    var mend: String?

    static func ok(_ text: String) -> Finding { Finding(level: .ok, text: text) }
    static func warning(_ text: String, mend: String) -> Finding { Finding(level: .warning, text: text, mend: mend) }
    static func problem(_ text: String, mend: String) -> Finding { Finding(level: .problem, text: text, mend: mend) }
    static func skipped(_ text: String) -> Finding { Finding(level: .skipped, text: text) }
}

extension [Finding] {
    /// These, or that all is well when there are none.
    func orOK(_ text: String) -> [Finding] { isEmpty ? [.ok(text)] : self }
}
