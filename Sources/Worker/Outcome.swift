import Common
import Conversation

/// What a message led to, as `inbound_messages.outcome` keeps it for a redelivery.
struct Outcome: Hashable, Sendable {
    var state: StoredState
    /// Ids of `outbound_messages`, in order.
    var replies: [String]

    var json: String {
        JSONValue.object([.init("replies", .array(replies.map { .string($0) })), .init("state", state.value)]).text
    }
}

extension StoredState {
    /// The form kept in Redis and in outcomes: members in alphabetical order, so that equal states are equal texts.
    var json: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128)
        value.append(to: &bytes)
        return bytes
    }

    fileprivate var value: JSONValue {
        let conversation = conversation.map { [JSONValue.Member("conversation", .string($0))] } ?? []
        let fields = fields.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }
        return .object(
            conversation + [
                .init("fields", .object(fields)), .init("name", .string(name)), .init("version", .integer(version)),
            ])
    }

    /// Bytes that are no stored state.
    struct Malformed: Error {}

    /// Reads what `json` wrote; members that this release does not know are left out.
    init(json: [UInt8]) throws(Malformed) {
        guard let value = JSONValue(parsing: json), case .integer(let version) = value["version"],
            let name = value["name"]?.string, case .object(let members) = value["fields"]
        else { throw Malformed() }
        var fields: [String: String] = [:]
        for member in members {
            guard let text = member.value.string else { throw Malformed() }
            fields[member.name] = text
        }
        self.init(version: version, name: name, fields: fields)
        switch value["conversation"] {
        case .string(let id): conversation = id
        case .null, nil: conversation = nil
        case .bool, .integer, .decimal, .array, .object: throw Malformed()
        }
    }

    /// Reads the state of an outcome; one that is no state at all reads as undecodable.
    init(storedText json: String) throws(PostgresError) {
        do { try self.init(json: Array(json.utf8)) } catch {
            throw PostgresError(.undecodable, "a stored outcome is of no form that this release reads")
        }
    }
}

/// The state of a sender in the course of a claim: as the last settle stored it, until a message leads to another.
///
/// What Redis has is read only where it is needed, which is next to never: the latest outcome goes before it.
struct SenderState: Sendable {
    private var stored: [UInt8]?
    private var next: StoredState?

    init(stored: [UInt8]?) { self.stored = stored }

    /// What is stored with the settle; nil leaves what is stored.
    var json: [UInt8]? { next?.json ?? stored }

    /// The state to go on from; nil when there is none, or none that is readable.
    var value: StoredState? { next ?? stored.flatMap { try? StoredState(json: $0) } }

    mutating func lead(to state: StoredState?) {
        if let state { next = state }
    }

    mutating func forget() { (stored, next) = (nil, nil) }
}
