import Common
import Glibc
import TestSupport
import Testing

/// What the workflow calls and costs little, called here too.
@Suite(.serialized) struct ScriptTests {
    @Test(.timeLimit(.minutes(5))) func noFileHoldsASecretThatIsNotKnown() async throws {
        _ = try await PythonProgram.installed()
        let run = try await Script.run(["scripts/secrets"], within: .seconds(240))
        #expect(run.ending == .exit(0), "\(run.text)")
    }

    @Test(.timeLimit(.minutes(2))) func aSecretIsFound() async throws {
        _ = try await PythonProgram.installed()
        // What lies outside the package's folder is not looked at.
        let file = ".build/secret-\(UUID.random()).py"
        guard let stream = fopen(file, "w") else { throw HarnessError("no file") }
        // In two parts, so that this file holds none.
        fputs("key = 'AKIA" + "QYLPMN5HNM4OJ56B'\n", stream)
        fclose(stream)
        let run = try await Script.run(["scripts/secrets", file])
        unlink(file)
        #expect(run.ending == .exit(1) && run.text.contains("\(file):1: AWS Access Key"), "\(run.text)")
    }

    /// Migrations up, down and up, each process, the smoke test on it, and SIGTERM: with the programs of this build.
    @Test(.timeLimit(.minutes(3))) func theProgramsPassWhatAReleaseMustPass() async throws {
        let run = try await Script.run(["scripts/check-release", Product.programs], within: .seconds(150))
        #expect(run.ending == .exit(0), "\(run.text)")
        #expect(run.text.contains("all ended by themselves after SIGTERM"))
        #expect(run.text.matches(of: /all is well/).count == 3)
    }

    /// What `make lint` does with them.
    @Test(.enabled(if: access("/usr/bin/shellcheck", X_OK) == 0, "apt-get install shellcheck"))
    func shellcheckFindsNothingInTheScripts() async throws {
        let run = try await Script.run([
            "bash", "-c",
            "shellcheck --external-sources $(grep -lE '^#(!.*bash| shellcheck)' scripts/* deploy/* .ci/* Benchmarks/Peers/*)",
        ])
        #expect(run.ending == .exit(0), "\(run.text)")
    }
}
