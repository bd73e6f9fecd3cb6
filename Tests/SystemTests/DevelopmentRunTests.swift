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
            let supervisor = supervisor(directory + "/dev", log)
            try await supervisor.start()
            let result: Result<Void, any Error>
            do { result = .success(try await converse(log, supervisor)) } catch { result = .failure(error) }
            try await supervisor.stop(SIGINT)
            try result.get()
        }
    }

    /// Postgres' data lies outside a folder that its user may not enter: a new clone at the place of a deleted one finds
    /// it there, without its password.
    @Test(.enabled(if: geteuid() == 0, "Postgres' data lies outside only for root"), .timeLimit(.minutes(4)))
    func dataOfADeletedCloneIsThrownAway() async throws {
        try await withTemporaryDirectory { directory in
            let dev = directory + "/closed/dev"
            var places: [String] = []
            for clone in 1...2 {
                mkdir(directory + "/closed", 0o700)
                let log = directory + "/dev-\(clone).log"
                let supervisor = supervisor(dev, log)
                try await supervisor.start()
                let result: Result<Void, any Error>
                do {
                    try await until("clone \(clone) is up", within: .seconds(90)) {
                        try text(log).contains("chat page: http://")
                    }
                    result = .success(())
                } catch { result = .failure(HarnessError("\(error): \(textOfFile(log).suffix(2000))")) }
                try await supervisor.stop(SIGINT)
                try result.get()
                let place = try #require(
                    textOfFile(dev + "/initdb.log").firstMatch(of: /\/var\/tmp\/whatsapp-handler-[0-9]+/)
                        .map { String($0.0) })
                places.append(place)
                #expect(access(place + "/PG_VERSION", F_OK) == 0)
                if clone == 1 {
                    // What deletes a clone knows nothing of what lies elsewhere.
                    let deletion = ServerProcess("rm", ["-rf", directory + "/closed"], log: log)
                    try await deletion.start()
                    #expect(try await deletion.end() == .exit(0))
                }
            }
            #expect(places[0] == places[1])
            let clean = ServerProcess("env", ["DEV=\(dev)", "scripts/dev", "--clean"], log: directory + "/clean.log")
            try await clean.start()
            #expect(try await clean.end() == .exit(0))
            #expect(access(places[0], F_OK) != 0)
        }
    }

    /// `scripts/dev` with an environment of a new shell's, its data in `dev`.
    private func supervisor(_ dev: String, _ log: String) -> ServerProcess {
        ServerProcess(
            "env",
            [
                "-i", "HOME=/root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "BIN=\(Product.programs)", "DEV=\(dev)", "bash", "scripts/dev",
            ], log: log)
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
