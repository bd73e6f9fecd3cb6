import Common
import Glibc
import TestSupport
import Testing

/// The search that every test's logs go through finds what it is there to find, and nothing else.
@Suite struct LogScanTests {
    private static func line(_ field: String) -> String {
        #"{"timestamp":"2026-11-22T19:35:00.123Z","level":"info","service":"s","process":"p","message":"m","field":"\#(field)"}"#
            + "\n"
    }

    private func whats(_ log: String, _ secrets: [LogSecret] = []) -> [String] {
        LogScan(secrets).findings(in: Array(log.utf8)).map(\.what)
    }

    @Test func cleanLinesAreClean() {
        let fields = [
            "+4477…123", "2026-11-22T19:35:00+01:00", "1+1=2", "+Inf", "+12345", "7.123456", "id-123456-x",
            "a123456", "%2B12", "+0123456789",
        ]
        #expect(whats(fields.map(Self.line).joined(), [LogSecret(.code, "123456")]) == [])
        #expect(whats("worker: configuration has 1 problem:\n  - PORT: expected a number\n") == [])
        #expect(whats(Self.line("x") + #"{"timestamp":"cut off by a kill"#) == [])
    }

    @Test(arguments: ["+447700900123", "whatsapp:+447700900123", "whatsapp%3A%2B447700900123", "tel +12025550123."])
    func phoneNumbersAreFound(field: String) {
        #expect(whats(Self.line(field)) == ["a phone number"])
    }

    @Test(arguments: ["123456", "code:123456", "(123456)", "is 123456"]) func codesAreFound(field: String) {
        #expect(whats(Self.line(field), [LogSecret(.code, "123456")]) == ["a one-time code"])
    }

    @Test func secretsOfTheEnvironmentAreFound() {
        let secrets = LogSecret.of(
            environment: [
                "A": "hunter2-hunter2", "B": "redis://user:pass-word@host:1", "C": "short", "D": "not-a-secret",
            ],
            names: ["A", "B", "C"])
        #expect(Set(secrets.map(\.text)) == ["hunter2-hunter2", "redis://user:pass-word@host:1", "pass-word"])
        for field in ["x hunter2-hunter2 x", "at pass-word@"] {
            #expect(whats(Self.line(field), secrets) == ["a secret of the environment"])
        }
    }

    @Test func bodiesAreFound() throws {
        let body = try #require(LogSecret.body("My train was \"late\" by an hour\nreally"))
        #expect(body.text == "My train was ")
        #expect(LogSecret.body("YES") == nil)
        let long = try #require(LogSecret.body("My train was late by an hour"))
        #expect(whats(Self.line("My train was late by an hour"), [long]) == ["what somebody wrote"])
    }

    @Test func codesOfATextStandAlone() {
        #expect(LogSecret.codes(in: "Your code is 123456. Ref DR-7K3M9Q, 1234567, a654321").map(\.text) == ["123456"])
    }

    @Test(arguments: [
        ("Fatal error: x\n", "no JSON"), ("{\"timestamp\":\n", "invalid JSON"), ("{}\n", "no timestamp"),
        (#"{"timestamp":"x","level":"info","service":"s","process":"p","message":"m"}"# + "\n", "no time"),
        (
            #"{"timestamp":"2026-11-22T19:35:00.123Z","level":"loud","service":"s","process":"p","message":"m"}"#
                + "\n",
            "an unknown level"
        ),
        (
            #"{"timestamp":"2026-11-22T19:35:00.123Z","level":"info","service":"s","process":"p"}"# + "\n", "no message"
        ),
    ])
    func linesOfAnotherFormAreFound(line: String, what: String) { #expect(whats(line) == [what]) }

    /// The whole way: a built process says what it must not, and the test that started it fails for it.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "call +447700900123", "token hunter2-of-twilio", "she wrote: my train was late",
        ])
    func aLeakingProcessFailsItsTest(text: String) async throws {
        let error = await #expect(throws: HarnessError.self) {
            try await withTemporaryDirectory { directory in
                let process = try ourProcess(
                    "ProcessFixture",
                    environment: [
                        "PATH": "/usr/bin:/bin", "PORT": "0", "BEHAVIOUR": "leaky", "FIXTURE_TEXT": text,
                        "TWILIO_AUTH_TOKEN": "hunter2-of-twilio",
                    ], log: directory + "/fixture.log")
                LogWatch.note([LogSecret.body("my train was late")].compactMap { $0 }, in: directory)
                try await process.start()
                try await until("it has said it") { textOfFile(directory + "/fixture.log").contains("leaky") }
                await process.send(SIGTERM)
                _ = try await process.end()
            }
        }
        let description = error?.description ?? ""
        #expect(description.hasPrefix("what no log may hold: fixture.log: "), "\(description)")
        #expect(description.hasSuffix("in the line \"leaky\""), "\(description)")
        #expect(
            !description.contains("447700900123") && !description.contains("hunter2") && !description.contains("train"))
    }
}
