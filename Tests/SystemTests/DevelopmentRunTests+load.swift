import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `make load` against what `make run` starts: it tells a loss from none.
///
/// Of this suite, because two that start everything at the same moment would find the same ports free.
extension DevelopmentRunTests {
    private static let clean = [
        "HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "BIN": Product.programs,
    ]

    @Test(.timeLimit(.minutes(4)))
    func aLoadIsCountedAndWhatIsNotAnsweredIsALoss() async throws {
        try await withTemporaryDirectory { directory in
            let log = directory + "/dev.log"
            let words = Self.clean.map { "\($0.key)=\($0.value)" } + ["DEV=\(directory)/dev", "bash", "scripts/dev"]
            let supervisor = ServerProcess("env", ["-i"] + words, log: log)
            try await supervisor.start()
            let result: Result<Void, any Error>
            do {
                try await until("everything runs", within: .seconds(90)) {
                    textOfFile(log).contains("chat page: http://")
                }
                result = .success(try await loads(directory + "/dev/environment"))
            } catch { result = .failure(error) }
            try await supervisor.stop(SIGINT)
            try result.get()
        }
    }

    private func loads(_ environment: String) async throws {
        let plan = ["--environment", environment, "--rate", "20", "--seconds", "2", "--senders", "20"]
        let (status, output) = try await run("scripts/load.py", plan)
        #expect(status == 0, "\(output)")
        #expect(output.contains("40 in "), "\(output)")
        for name in ["lost", "never answered", "out of order", "twice"] {
            #expect(output.contains("  \(name)" + String(repeating: " ", count: 15 - name.count) + "0\n"), "\(output)")
        }

        // The file that scripts/dev writes is all that the operator needs.
        let operate = "set -a; . \(environment); exec \(Product.programs)/operator queue"
        #expect(try await run("/bin/bash", ["-c", operate + " pause"]).status == 0)
        let (paused, told) = try await run("scripts/load.py", plan + ["--settle", "1"])
        #expect(paused == 1, "\(told)")
        #expect(told.contains("  lost           40: SM"), "\(told)")
        #expect(try await run("/bin/bash", ["-c", operate + " resume"]).status == 0)
    }

    private func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let path = program.hasPrefix("/") ? program : PythonProgram.root + "/" + program
        let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), output: .string(limit: 100_000),
            error: .string(limit: 100_000))
        guard case .exited(let code) = result.terminationStatus else {
            throw HarnessError("\(program) was killed: \(result.terminationStatus)")
        }
        return (code, (result.standardOutput) + (result.standardError))
    }
}
