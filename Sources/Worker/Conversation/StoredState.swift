/// The durable form of a state: a version, a name, and only plain values.
///
/// The synthesised Codable form of `State` would change with every rename; this one changes only on purpose, and every
/// version ever written stays readable. What cannot be read restarts the conversation, politely, at `start`.
package struct StoredState: Codable, Hashable, Sendable {
    package static let currentVersion = 1

    package var version: Int
    package var name: String
    package var fields: [String: String]

    package init(version: Int, name: String, fields: [String: String]) {
        self.version = version
        self.name = name
        self.fields = fields
    }

    package init(_ state: Conversation.State) {
        let name =
            switch state {
            case .start: "start"
            case .awaitingTerms: "awaitingTerms"
            case .awaitingPhone: "awaitingPhone"
            case .awaitingOTP: "awaitingOTP"
            case .menu: "menu"
            case .optedOut: "optedOut"
            case .claiming(let state, _): Self.name(of: state)
            }
        let fields: [String: String] =
            if case .claiming(let state, let draft) = state { Self.fields(state, draft) } else { [:] }
        self.init(version: Self.currentVersion, name: name, fields: fields)
    }

    /// A stored state of a version or name that this program does not know.
    package struct Unreadable: Error, Hashable {
        package var version: Int
        package var name: String
    }

    /// The state that was stored.
    ///
    /// - Throws: `Unreadable` for a version, a name or a field that this program does not know: refused, not guessed.
    package func state() throws(Unreadable) -> Conversation.State {
        guard version == Self.currentVersion else { throw Unreadable(version: version, name: name) }
        switch name {
        case "start": return .start
        case "awaitingTerms": return .awaitingTerms
        case "awaitingPhone": return .awaitingPhone
        case "awaitingOTP": return .awaitingOTP
        case "menu": return .menu
        case "optedOut": return .optedOut
        default:
            guard let (state, draft) = claim() else { throw Unreadable(version: version, name: name) }
            return .claiming(state, draft)
        }
    }
}
