import TestSupport
import Testing

/// What `make bench` decides and writes, and that it runs.
///
/// What it measures is for a machine with nothing else to do.
@Suite(.serialized) struct BenchTests {
    @Test(arguments: ["check_bench.py", "check_bench_load.py"])
    func figuresAreDecidedAboutAndWrittenAsTheyShould(_ script: String) async throws {
        let run = try await Script.run(["python3", "Tests/Python/\(script)"])
        #expect(run.ending == .exit(0), "\(run.text)")
    }

    /// With the programs of this build; the workflow runs all parts, `make bench-quick`.
    @Test(.timeLimit(.minutes(4))) func thePartsThatNeedNothingFurtherRun() async throws {
        let run = try await Script.run(
            ["Benchmarks/Whole/bench.py", "memory", "relay", "--quick", "--programs", Product.programs],
            within: .seconds(200))
        #expect(run.ending == .exit(0), "\(run.text)")
        for part in ["memory", "relay", "relay-1ms"] { #expect(run.text.contains("\(part): has run"), "\(run.text)") }
    }
}
