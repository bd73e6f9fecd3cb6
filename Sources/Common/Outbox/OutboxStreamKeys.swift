/// The keys of a stream and of the marks that are kept beside it, in one hash slot of a cluster.
package struct OutboxStreamKeys: Hashable, Sendable {
    package let stream: String

    /// For after a problem with the name was reported.
    static let placeholder = OutboxStreamKeys()

    private init() { stream = "whatsapp_handler.events" }

    /// Nil when `stream` has braces that are no hash tag: no other key could be put in its slot.
    package init?(stream: String) {
        guard !stream.isEmpty, Self.tag(of: stream) != nil || !stream.contains(where: { $0 == "{" || $0 == "}" })
        else { return nil }
        self.stream = stream
    }

    /// The hash, from shard to the sequence of the last event added, of the log called `log`.
    package func marks(of log: UUID) -> String {
        Self.tag(of: stream) == nil ? "{\(stream)}:marks:\(log)" : "\(stream):marks:\(log)"
    }

    /// What is between the first `{` and the first `}` after it, unless empty: the part of a key that is hashed
    /// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
    private static func tag(of key: String) -> Substring? {
        guard let open = key.firstIndex(of: "{") else { return nil }
        let rest = key[key.index(after: open)...]
        guard let close = rest.firstIndex(of: "}"), close > rest.startIndex else { return nil }
        return rest[..<close]
    }
}
