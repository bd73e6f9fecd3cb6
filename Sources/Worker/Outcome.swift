import Common
import Conversation
import FoundationEssentials

/// What a message led to, as `inbound_messages.outcome` keeps it for a redelivery.
struct Outcome: Codable, Hashable, Sendable {
    var state: StoredState
    /// Ids of `outbound_messages`, in order.
    var replies: [String]

    var json: String { encoded(self) }
}

extension StoredState {
    /// The form kept in Redis and in outcomes.
    var json: [UInt8] { Array(encoded(self).utf8) }

    init(json: [UInt8]) throws {
        self = try JSONDecoder().decode(StoredState.self, from: Data(json))
    }

    /// Reads the state of an outcome; one that is no state at all reads as undecodable.
    init(storedText json: String) throws(PostgresError) {
        do { try self.init(json: Array(json.utf8)) } catch {
            throw PostgresError(.undecodable, "a stored outcome is of no form that this release reads")
        }
    }
}

/// JSON with sorted keys, so that equal values are equal texts.
private func encoded(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // Strings, numbers and arrays of them: there is nothing in these types that could fail to encode.
    guard let data = try? encoder.encode(value) else { preconditionFailure("plain values encode") }
    return String(decoding: data, as: UTF8.self)
}
