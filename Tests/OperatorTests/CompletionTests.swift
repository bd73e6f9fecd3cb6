import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The scripts that shells complete our commands with.
@Suite struct CompletionTests {
    private func script(_ shell: String) async throws -> String {
        let run = try await OperatorRun(["--generate-completion-script", shell])
        #expect(run.exitCode == 0 && !run.output.isEmpty, "\(run.error)")
        return run.output
    }

    @Test(arguments: [
        ("operator q", ["queue"]), ("operator queue st", ["stats"]),
        ("operator outbox re", ["retry", "replay", "rewind"]),
        ("operator queue peek --list d", ["dead", "delay"]), ("operator outbox retry --sink w", ["webhook"]),
        ("operator conversation show --rev", ["--reveal"]),
    ])
    func bashCompletes(line: String, wanted: [String]) async throws {
        let words = line.split(separator: " ").map(String.init)
        let bash = """
            set -o pipefail
            COMP_LINE='\(line)' COMP_POINT=\(line.utf8.count) COMP_WORDS=(\(words.joined(separator: " "))) COMP_CWORD=\(words.count - 1)
            source <("$1" --generate-completion-script bash) || exit 3
            function=$(complete -p operator | sed -n 's/.*-F \\([^ ]*\\).*/\\1/p')
            $function operator "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}" >/dev/null
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let result = try await Subprocess.run(
            .path("/bin/bash"), arguments: ["-c", bash, "bash", try builtProgram("operator")],
            output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
        #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
        let output = result.standardOutput
        let offered = output.split(separator: "\n").map { $0.filter { $0 != " " } }
        #expect(Set(wanted).isSubset(of: Set(offered)), "\(output)")
        let typed = words.last ?? ""
        #expect(offered.allSatisfy { $0.hasPrefix(typed) }, "\(output)")
    }

    @Test(arguments: ["zsh", "fish"]) func otherShellsHaveScriptsToo(shell: String) async throws {
        let script = try await script(shell)
        for word in ["queue", "doctor", "conversation"] { #expect(script.contains(word), "\(shell)") }
    }
}
