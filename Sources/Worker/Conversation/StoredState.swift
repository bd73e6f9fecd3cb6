/// The durable form of a state: a version, a name, and only plain values.
///
/// The synthesised Codable form of `State` would change with every rename; this one changes only on purpose, and every
/// form ever written stays readable. What cannot be read restarts the conversation, politely, at `start`.
package struct StoredState: Codable, Hashable, Sendable {
    package static let currentVersion = 1

    package var version: Int
    package var name: String
    package var fields: [String: String]
    /// The id of the conversation that the state is of; nil of a state that an earlier release stored.
    package var conversation: String?

    package init(version: Int, name: String, fields: [String: String]) {
        self.version = version
        self.name = name
        self.fields = fields
    }

    package init(_ state: Conversation.State) {
        let (name, fields): (String, [String: String]) =
            switch state {
            case .start: ("start", [:])
            case .awaitingTerms(let draft): ("awaitingTerms", Self.fields(draft))
            case .awaitingPhone(let draft): ("awaitingPhone", Self.fields(draft))
            case .awaitingOTP(let draft): ("awaitingOTP", Self.fields(draft))
            case .menu(let draft): ("menu", Self.fields(draft))
            case .claiming(let state, let draft): (Self.name(of: state), Self.fields(state, draft))
            case .confirmingErasure(let state): ("confirmingErasure", Self.fields(interrupted: state))
            case .optedOut: ("optedOut", [:])
            }
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
        let unreadable = Unreadable(version: version, name: name)
        guard version == Self.currentVersion else { throw unreadable }
        switch name {
        case "start": return .start
        case "awaitingTerms": return .awaitingTerms(try keptDraft())
        case "awaitingPhone": return .awaitingPhone(try keptDraft())
        case "awaitingOTP": return .awaitingOTP(try keptDraft())
        case "menu": return .menu(try keptDraft())
        case "optedOut": return .optedOut
        case "confirmingErasure":
            var interrupted = self
            guard let name = interrupted.fields.removeValue(forKey: Self.interruptedField) else { throw unreadable }
            interrupted.name = name
            switch try interrupted.state() {
            case .start, .optedOut, .confirmingErasure: throw unreadable
            case let state: return .confirmingErasure(from: state)
            }
        default:
            guard let (state, draft) = claim() else { throw unreadable }
            return .claiming(state, draft)
        }
    }

    // MARK: - States that carry a draft along

    /// Marks that there is a draft, as one in which nothing is answered yet has no fields of its own.
    private static let draftField = "draft"
    /// The name of the state that a question interrupted; its fields stand beside it.
    private static let interruptedField = "from"

    private static func fields(_ draft: Conversation.ClaimDraft?) -> [String: String] {
        guard let draft else { return [:] }
        return fields(draft).merging([draftField: "kept"]) { _, kept in kept }
    }

    private static func fields(interrupted state: Conversation.State) -> [String: String] {
        let stored = StoredState(state)
        return stored.fields.merging([interruptedField: stored.name]) { _, name in name }
    }

    private func keptDraft() throws(Unreadable) -> Conversation.ClaimDraft? {
        guard fields[Self.draftField] != nil else { return nil }
        guard let draft = draft() else { throw Unreadable(version: version, name: name) }
        return draft
    }
}
