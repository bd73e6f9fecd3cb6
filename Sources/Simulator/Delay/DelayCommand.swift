import Common
import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// `simulator delay`: the words of its command line, and its life.
struct DelayCommand: Equatable {
    static let usage = """
        usage: simulator delay --listen 127.0.0.1:PORT --to HOST:PORT --one-way TIME

        Passes TCP connections on, every byte TIME later in each direction (500us, 0.5ms; up to 1000ms): 0.5ms makes a round
        trip of one millisecond. PORT 0 picks a free one; the address is printed when connections are taken.
        """

    let port: Int
    let host: String
    let target: Int
    let oneWay: Duration

    /// Reads what stands behind `delay`; nil when that is not understood.
    init?(_ words: [String]) {
        var values: [String: String] = [:]
        guard words.count == 6 else { return nil }
        for index in stride(from: 0, to: 6, by: 2) { values[words[index]] = words[index + 1] }
        guard let (listening, port) = Self.address(values["--listen"]), listening == "127.0.0.1",
            let (host, target) = Self.address(values["--to"]), target > 0,
            let oneWay = Self.time(values["--one-way"])
        else { return nil }
        (self.port, self.host, self.target, self.oneWay) = (port, host, target, oneWay)
    }

    /// Runs it until SIGTERM or SIGINT, and ends the process.
    static func run(_ words: [String]) async -> Never {
        guard let command = DelayCommand(words) else {
            let isAsked = words == ["--help"]
            say(usage, to: isAsked ? STDOUT_FILENO : STDERR_FILENO)
            exit(isAsked ? 0 : 2)
        }
        signal(SIGPIPE, SIG_IGN)
        let proxy = DelayProxy(
            port: command.port, target: (command.host, command.target), oneWay: command.oneWay
        ) { port in
            say("listening on 127.0.0.1:\(port)", to: STDOUT_FILENO)
        }
        var logger = Logger(label: "delay")
        logger.logLevel = .error
        do {
            try await ServiceGroup(services: [proxy], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
                .run()
            exit(0)
        } catch {
            say("simulator delay: \(error)", to: STDERR_FILENO)
            exit(1)
        }
    }

    private static func say(_ text: String, to descriptor: Int32) {
        let line = Array((text + "\n").utf8)
        _ = write(descriptor, line, line.count)
    }

    private static func address(_ text: String?) -> (String, Int)? {
        guard let text, let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        return (String(text[..<colon]), Int(port))
    }

    /// A time of `500us` or `0.5ms`, above zero and at most a second.
    private static func time(_ text: String?) -> Duration? {
        guard let text, let value = Double(text.dropLast(2)) else { return nil }
        let microseconds = text.hasSuffix("us") ? value : text.hasSuffix("ms") ? value * 1000 : 0
        guard microseconds >= 1, microseconds <= 1_000_000 else { return nil }
        return .microseconds(Int64(microseconds))
    }
}
