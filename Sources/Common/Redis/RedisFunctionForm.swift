/// How a server runs our functions.
enum RedisFunctionForm: Hashable, Sendable {
    /// `FCALL`: Redis 7.0 and later.
    case function
    /// `EVALSHA`, where functions are not supported or not allowed, or the server was too full to be given them.
    case script(sha: String)
}

extension RedisError {
    /// Whether the server does not have what was called; giving it to the server helps.
    var isMissingFunction: Bool { serverPrefix == "NOSCRIPT" || description.contains("Function not found") }

    /// Whether the server does not know the command, or does not let us use it.
    var isUnsupportedCommand: Bool {
        switch serverPrefix {
        case "ERR": description.contains("unknown command") || description.contains("unknown subcommand")
        case "NOPERM": description.contains("to run the")
        case _: false
        }
    }
}
