import Common
import Logging
import TestSupport
import Testing

/// What goes to Loki, and of which lines.
@Suite struct LokiTests {
    private func configuration(_ environment: [String: String]) throws -> LokiConfiguration? {
        var values = ConfigurationValues(environment: environment)
        let configuration = LokiConfiguration(reading: &values, logLevel: .notice)
        try values.check()
        return configuration
    }

    @Test func onlyWhoAsksForItGetsIt() throws {
        #expect(try configuration([:]) == nil)
        #expect(try configuration(["LOKI_HOST": "http://loki:3100"]) == nil)
        #expect(try configuration(["LOKI_ENABLED": "false", "LOKI_HOST": "http://loki:3100"]) == nil)
        let least = try #require(try configuration(["LOKI_ENABLED": "true", "LOKI_HOST": "http://loki:3100/"]))
        #expect(least.url == "http://loki:3100/loki/api/v1/push" && least.user == nil && least.level == .notice)
        let whole = try #require(
            try configuration([
                "LOKI_ENABLED": "true", "LOKI_HOST": "https://logs.example.com/loki/api/v1/push",
                "LOKI_BASIC_AUTH": "12345:glc_a:b", "LOKI_LEVEL": "debug",
            ]))
        #expect(whole.url == "https://logs.example.com/loki/api/v1/push" && whole.level == .debug)
        #expect(whole.user == "12345" && whole.password == Secret("glc_a:b"))
    }

    @Test(arguments: [
        (["LOKI_ENABLED": "true"], "LOKI_HOST: missing"),
        (["LOKI_ENABLED": "maybe"], "LOKI_ENABLED: expected true or false"),
        (["LOKI_HOST": "loki:3100"], "LOKI_HOST: expected an http or https address"),
        (["LOKI_HOST": "http://user:hunter2@loki:3100"], "LOKI_HOST: expected an http or https address"),
        (["LOKI_BASIC_AUTH": "hunter2"], "LOKI_BASIC_AUTH: expected user:password"),
        (["LOKI_LEVEL": "loud"], "LOKI_LEVEL: expected one of"),
    ])
    func problemsNameTheVariable(environment: [String: String], problem: String) {
        let error = #expect(throws: ConfigurationProblems.self) { try configuration(environment) }
        #expect(error?.problems.count == 1)
        #expect(error?.description.contains(problem) == true, "\(String(describing: error))")
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func aBodyIsStreamsByLevelInOrder() throws {
        let configuration = try #require(
            try configuration(["LOKI_ENABLED": "true", "LOKI_HOST": "http://loki:3100"]))
        let request = LokiRequest(configuration, service: "s", process: "ingest", environment: "test")
        func entry(_ level: Logger.Level, _ time: Int64, _ line: String) -> LokiEntry {
            LokiEntry(level: level, nanoseconds: time, line: Array(line.utf8))
        }
        let body = request.body([
            entry(.info, 1, #"{"a":"b\"c"}"#), entry(.error, 2, "{}"), entry(.info, 3, #"{"u":"é"}"#),
        ])
        #expect(
            String(decoding: body, as: UTF8.self)
                == #"{"streams":[{"stream":{"service":"s","process":"ingest","environment":"test","level":"info"},"#
                + #""values":[["1","{\"a\":\"b\\\"c\"}"],["3","{\"u\":\"é\"}"]]},"#
                + #"{"stream":{"service":"s","process":"ingest","environment":"test","level":"error"},"#
                + #""values":[["2","{}"]]}]}"#)
    }

    /// Loki takes two entries of the same time and text for one: no two lines have the same time.
    @Test func timesGrowStrictly() async {
        let loki = LokiBuffer()
        await withTaskGroup { group in
            for _ in 0..<4 { group.addTask { for _ in 0..<500 { loki.add(.info, Array("x\n".utf8)) } } }
        }
        #expect(loki.buffer.count == 2000)
    }

    // MARK: Levels

    private let pushed = Locked<[String]>([])
    private let written = Locked<[String]>([])

    private func logger(_ console: Logger.Level, _ push: Logger.Level, onTerminal: Bool = false) -> Logger {
        let (pushed, written) = (pushed, written)
        let output = LogOutput { line in written.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
        let handler = PushedLogHandler(
            json: JSONLogHandler(service: "s", process: "p", level: console),
            terminal: onTerminal ? TextLogHandler(process: "p", level: console, output: output) : nil, output: output,
            pushLevel: push
        ) { _, line in pushed.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
        return Logger(label: "x") { _ in handler }
    }

    /// All pairs of levels: each side gets exactly what its own level lets through.
    @Test(arguments: Logger.Level.allCases, [false, true])
    func eachSideHasItsOwnLevel(console: Logger.Level, onTerminal: Bool) {
        for push in Logger.Level.allCases {
            pushed.withLock { $0 = [] }
            written.withLock { $0 = [] }
            let logger = logger(console, push, onTerminal: onTerminal)
            for level in Logger.Level.allCases { logger.log(level: level, "m") }
            #expect(written.withLock { $0.count } == Logger.Level.allCases.count { $0 >= console })
            #expect(pushed.withLock { $0.count } == Logger.Level.allCases.count { $0 >= push })
        }
    }

    @Test func theLinesAreTheSameBytes() {
        var logger = logger(.info, .info)
        logger[metadataKey: "a"] = "1"
        logger.info("m", metadata: ["b": "2"])
        #expect(pushed.withLock { $0 } == written.withLock { $0 })
        #expect(pushed.withLock { $0.first }?.hasSuffix("\"message\":\"m\",\"a\":\"1\",\"b\":\"2\"}\n") == true)
    }

    @Test func onATerminalThereIsTextAndLokiGetsJSON() {
        logger(.info, .info, onTerminal: true).info("m", metadata: ["b": "2"])
        #expect(written.withLock { $0.first }?.hasSuffix("  INFO     p  m  b=2\n") == true)
        #expect(pushed.withLock { $0.first }?.hasPrefix("{\"timestamp\":") == true)
    }

    @Test func aLoggerMadeQuieterIsQuieterForBoth() {
        var logger = logger(.warning, .debug)
        logger.logLevel = max(logger.logLevel, .info)
        logger.debug("no")
        logger.info("only for Loki")
        logger.warning("for both")
        #expect(pushed.withLock { $0.count } == 2)
        #expect(written.withLock { $0.count } == 1)
    }
}
