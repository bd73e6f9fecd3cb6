import Common
import FoundationEssentials
import Logging
import Testing

@Suite struct JSONLogHandlerTests {
    private let lines = Locked<[[UInt8]]>([])

    private func logger(_ level: Logger.Level = .trace) -> Logger {
        let lines = lines
        return Logger(label: "x") { _ in
            JSONLogHandler(
                service: "whatsapp-handler", process: "ingest", level: level,
                output: LogOutput { line in lines.withLock { $0.append(line) } })
        }
    }

    /// The only line, without its timestamp.
    private func line() throws -> String {
        let all = lines.withLock { $0 }
        #expect(all.count == 1)
        let text = String(decoding: try #require(all.first), as: UTF8.self)
        let rest = try #require(text.wholeMatch(of: /\{"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",(.*)\}\n/))
        return String(rest.1)
    }

    @Test func fieldsComeInOrder() throws {
        logger().info("hello", metadata: ["b": "2", "a": "1"])
        #expect(
            try line()
                == #""level":"info","service":"whatsapp-handler","process":"ingest","message":"hello","a":"1","b":"2""#)
    }

    @Test func numbersStayNumbers() throws {
        logger().info(
            "m",
            metadata: [
                "int": .stringConvertible(3), "bool": .stringConvertible(true), "double": .stringConvertible(0.5),
                "nan": .stringConvertible(Double.nan), "list": ["x", .stringConvertible(1)], "map": ["k": "v"],
            ])
        #expect(
            try line().hasSuffix(
                #""bool":true,"double":0.5,"int":3,"list":["x",1],"map":{"k":"v"},"nan":"nan""#))
    }

    @Test func theCorrelationIDOfTheTaskIsInEveryLine() async throws {
        let logger = logger()
        await withCorrelationID(CorrelationID(accepting: "abc")) {
            await withTaskGroup { group in
                group.addTask { logger.info("child") }
            }
        }
        #expect(try line().hasSuffix(#""message":"child","correlation_id":"abc""#))
        #expect(LogContext.correlationID == nil)
    }

    @Test func anErrorIsAField() throws {
        struct Broken: Error {}
        logger().error("m", error: Broken())
        #expect(try line().hasSuffix(#""error":"Broken()""#))
    }

    @Test func metadataCannotForgeTheLinesOwnFields() throws {
        logger().info("m", metadata: ["level": "x", "message": "y"])
        #expect(try line().hasSuffix(#""message":"m","level_":"x","message_":"y""#))
    }

    @Test func levelsBelowTheConfiguredOneAreNotWritten() throws {
        logger(.warning).notice("no")
        logger(.warning).warning("yes")
        #expect(try line().contains("yes"))
    }

    /// Whatever the text, the line is one line of valid JSON that gives the text back.
    @Test(arguments: [
        "", "\"", "\\", "\n\r\t\u{0}\u{1F}\u{7F}", "{\"a\":1}", "é🇬🇧👨‍👩‍👧\u{2028}", "\u{1B}[31m", "</script>",
    ])
    func everyTextSurvives(text: String) throws {
        logger().info("\(text)", metadata: ["k": .string(text), "\(text)key": "v"])
        let bytes = try #require(lines.withLock { $0.first })
        #expect(bytes.filter { $0 == 0x0A }.count == 1 && bytes.last == 0x0A)
        let decoded = try JSONDecoder().decode([String: String].self, from: Data(bytes))
        #expect(decoded["message"] == text)
        #expect(decoded["k"] == text)
        #expect(decoded[text + "key"] == "v")
    }

    @Test func longTextsAreCutBetweenCharacters() throws {
        let text = String(repeating: "é", count: 10_000)
        logger().info("\(text)")
        let bytes = try #require(lines.withLock { $0.first })
        let decoded = try JSONDecoder().decode([String: String].self, from: Data(bytes))
        #expect(decoded["message"] == String(repeating: "é", count: JSONLine.limit / 2))
    }

    @Test func secretsStaySecret() throws {
        logger().info("\(Secret("hunter2"))", metadata: ["s": .stringConvertible(Secret("hunter2"))])
        #expect(try !line().contains("hunter2"))
    }

    @Test func aTerminalGetsText() throws {
        let lines = lines
        let logger = Logger(label: "x") { _ in
            TextLogHandler(process: "worker", output: LogOutput { line in lines.withLock { $0.append(line) } })
        }
        logger.warning("two\nlines \u{1B}[31m", metadata: ["a": "1"])
        let text = String(decoding: try #require(lines.withLock { $0.first }), as: UTF8.self)
        #expect(
            text.wholeMatch(of: /\d\d:\d\d:\d\d\.\d{3}  WARNING  worker  two lines  \[31m  a=1\n/) != nil, "\(text)")
    }
}
