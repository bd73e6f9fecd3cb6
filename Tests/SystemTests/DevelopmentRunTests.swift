import Common
import Glibc
import NIOHTTP1
import TestSupport
import Testing

/// What `make run` starts: everything comes up, answers, and is gone after Ctrl-C.
@Suite(.serialized) struct DevelopmentRunTests {
    @Test(.timeLimit(.minutes(3)))
    func everythingStartsAnswersAndStops() async throws {
        try await withTemporaryDirectory { directory in
            let log = directory + "/dev.log"
            let supervisor = ServerProcess(
                "env",
                [
                    "-i", "HOME=/root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "BIN=\(Product.programs)", "DEV=\(directory)/dev", "bash", "scripts/dev",
                ], log: log)
            try await supervisor.start()
            let result: Result<Void, any Error>
            do { result = .success(try await converse(log, supervisor)) } catch { result = .failure(error) }
            try await supervisor.stop(SIGINT)
            try result.get()
        }
    }

    private func converse(_ log: String, _ supervisor: ServerProcess) async throws {
        try await until("the chat page's address is printed", within: .seconds(90)) {
            try text(log).contains("chat page: http://")
        }
        let address = try #require(
            try text(log).firstMatch(of: /chat page: (http:\/\/[0-9.:]+)\//).map { String($0.1) })
        let reactor = Reactor(name: "test")
        defer { reactor.stop() }
        let http = HTTPClient(reactor: reactor)
        var hello = HTTPRequest(.POST, address + "/api/passengers/p1/messages", body: Array(#"{"text":"hi"}"#.utf8))
        hello.headers = ["Content-Type": "application/json"]
        #expect(try await http.send(hello).status < 300)
        try await until("the welcome is in the chat") {
            try await http.send(HTTPRequest(.GET, address + "/api/state")).text.contains("Reply YES to accept")
        }
        try await until("lines of the processes are shown") { try text(log).contains("handled a message") }
        await supervisor.send(SIGINT)
        #expect(try await supervisor.end(within: .seconds(40)) == .exit(130))
        #expect(try text(log).contains("stopped"))
        await #expect(throws: HTTPError.self) { try await http.send(HTTPRequest(.GET, address + "/")) }
    }

    private func text(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
