import Benchmark
import MicroCases

/// The same cases by the clock: `make bench-micro`.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .instructions, .throughput], scalingFactor: .kilo, maxDuration: .seconds(1))
    for known in MicroCase.all {
        Benchmark(known.name) { benchmark in
            for _ in benchmark.scaledIterations { known.run() }
        }
    }
}
