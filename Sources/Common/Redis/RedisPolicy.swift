/// What a Redis does with data when its memory is full, or when it dies; as its INFO says.
package struct RedisPolicy: Hashable, Sendable {
    /// `maxmemory_policy`; nil when the server does not say.
    package let eviction: String?
    /// `aof_enabled`; nil when the server does not say.
    package let isAppendOnly: Bool?

    /// Reads the sections `memory` and `persistence` of INFO.
    package init(info: String) {
        eviction = info.infoValue("maxmemory_policy").map { String($0) }
        isAppendOnly = info.infoValue("aof_enabled").map { $0 == "1" }
    }

    /// Whether Redis may throw messages away that it has accepted.
    ///
    /// The policy counts with or without a limit: one that is set later needs no restart of ours.
    package var losesMessages: Bool { eviction.map { $0 != "noeviction" } ?? false }
}

extension String {
    /// The value of a field of INFO, `name:value` in a line of its own.
    package func infoValue(_ name: String) -> Substring? {
        let field = name + ":"
        return split(whereSeparator: \.isNewline).first { $0.hasPrefix(field) }?.dropFirst(field.count)
    }
}
