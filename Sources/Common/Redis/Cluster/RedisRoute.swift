/// Where in a cluster a command has to go.
enum RedisRoute: Hashable, Sendable {
    /// To the owner of its key's slot.
    case slot(Int)
    /// It names no key: any master serves it, and what it tells is that node's own.
    case anyMaster
    /// It changes what every master keeps for itself: each of them must have done it.
    case allMasters
}

extension RedisCommand {
    private static let keyless: Set<String> = [
        "ACL", "ASKING", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DBSIZE", "ECHO", "INFO", "KEYS", "LASTSAVE",
        "LATENCY",
        "MODULE", "PING", "PUBLISH", "PUBSUB", "RANDOMKEY", "ROLE", "SCAN", "SLOWLOG", "TIME", "WAIT",
    ]
    private static let spread: Set<String> = ["DELETE", "FLUSH", "LOAD", "RESTORE"]

    /// Found by the command's form: scripts and functions name their keys after a number, streams after `STREAMS`, the
    /// others first; FUNCTION and SCRIPT with LOAD, FLUSH, DELETE or RESTORE, FLUSHALL and FLUSHDB go to all masters.
    ///
    /// Of several keys the first counts; a server refuses keys of different slots itself.
    var route: RedisRoute {
        let name = name.uppercased()
        switch name {
        case "FCALL", "FCALL_RO", "EVAL", "EVAL_RO", "EVALSHA", "EVALSHA_RO":
            guard let count = argument(2), !count.elementsEqual("0".utf8) else { return .anyMaster }
            return slot(ofArgument: 3)
        case "FUNCTION", "SCRIPT":
            let word = argument(1).map { String(decoding: $0, as: UTF8.self).uppercased() } ?? ""
            return Self.spread.contains(word) ? .allMasters : .anyMaster
        case "FLUSHALL", "FLUSHDB": return .allMasters
        case "OBJECT", "XGROUP", "XINFO": return slot(ofArgument: 2)
        case "XREAD", "XREADGROUP":
            var index = 1
            while let word = argument(index) {
                index += 1
                if String(decoding: word, as: UTF8.self).uppercased() == "STREAMS" { break }
            }
            return slot(ofArgument: index)
        case _: return Self.keyless.contains(name) ? .anyMaster : slot(ofArgument: 1)
        }
    }

    /// Whether it runs a script or function, which may use keys that it does not name.
    var isScript: Bool {
        let name = name.uppercased()
        return name.hasPrefix("FCALL") || name.hasPrefix("EVAL")
    }

    private func slot(ofArgument index: Int) -> RedisRoute {
        argument(index).map { .slot(RedisSlot.of($0)) } ?? .anyMaster
    }

    /// The bytes of one word, the name being the first; nil when there are fewer.
    private func argument(_ index: Int) -> ArraySlice<UInt8>? {
        var rest = encoded[...]
        func number() -> Int? {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\r")) else { return nil }
            defer { rest = rest[(end + 2)...] }
            return rest[(rest.startIndex + 1)..<end].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }
        guard let words = number(), index < words else { return nil }
        for _ in 0..<index {
            guard let length = number() else { return nil }
            rest = rest.dropFirst(length + 2)
        }
        return number().map { rest.prefix($0) }
    }
}
