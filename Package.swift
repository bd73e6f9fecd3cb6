// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours is held to the same rules.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A C library of Debian's: a module map and the package that brings its headers.
func system(_ name: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Common/CLibraries/\(name)", providers: [.apt([apt])])
}

/// Only who builds with the trait needs the library, to build and to run.
let rdkafka = Target.Dependency.target(name: "CRdkafka", condition: .when(traits: ["Kafka"]))
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

/// What each of the three processes and the two tools is made of.
let process: [Target.Dependency] = ["Common", logging, coreMetrics, lifecycle, signals, nioHTTP1]

/// The clock of `make bench-micro`: its package is fetched and built by who asks for it alone.
let measuresMicro = Context.environment["BENCHMARKS"] != nil
let clock: [Package.Dependency] =
    measuresMicro ? [.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: [])] : []
let timed: [Target] =
    measuresMicro
    ? [
        .executableTarget(
            name: "MicroBench", dependencies: ["MicroCases", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/MicroBench", swiftSettings: [.swiftLanguageMode(.v6)],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    ] : []

/// The tests of one target, with the servers and processes of `TestSupport`.
func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport", "Common", logging, coreMetrics, lifecycle],
        resources: resources, swiftSettings: settings)
}

let package = Package(
    name: "whatsapp-handler",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "ingest", targets: ["Ingest"]),
        .executable(name: "worker", targets: ["Worker"]),
        .executable(name: "relay", targets: ["Relay"]),
        .executable(name: "operator", targets: ["Operator"]),
        .executable(name: "simulator", targets: ["Simulator"]),
    ],
    traits: [
        .trait(name: "Kafka", description: "The relay's sink for Apache Kafka, which needs Debian's librdkafka-dev.")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ] + clock,
    targets: [
        system("CLibpq", apt: "libpq-dev"),
        system("CHiredis", apt: "libhiredis-dev"),
        system("CCurl", apt: "libcurl4-openssl-dev"),
        system("COpenSSL", apt: "libssl-dev"),
        system("CSnappy", apt: "libsnappy-dev"),
        system("CRdkafka", apt: "librdkafka-dev"),
        .target(
            name: "Common",
            dependencies: [
                "CLibpq", "CHiredis", "CCurl", "COpenSSL", "CSnappy", logging, coreMetrics, collections,
                lifecycle, signals, nioCore, nioPosix, nioHTTP1,
            ],
            path: "Sources/Common", exclude: ["CLibraries"],
            resources: [.embedInCode("Queue/wa_v1.lua")], swiftSettings: settings),
        .target(
            name: "Conversation", path: "Sources/Worker/Conversation", exclude: ["Readers/Stations/NOTICE.md"],
            resources: [.embedInCode("Readers/Stations/stations.csv")], swiftSettings: settings),
        .target(
            name: "Backfill", dependencies: ["Common", logging, coreMetrics, lifecycle, nioHTTP1],
            path: "Sources/Worker/Backfill", swiftSettings: settings),
        .executableTarget(
            name: "Ingest", dependencies: process + [nioCore, nioHTTP1], resources: [.embedInCode("openapi.yaml")],
            swiftSettings: settings),
        .executableTarget(
            name: "Worker", dependencies: process + ["Conversation", "Backfill"],
            exclude: ["Conversation", "Backfill"],
            resources: [.embedInCode("Sending/wa_send_v1.lua")], swiftSettings: settings),
        .executableTarget(
            name: "Relay", dependencies: process + [rdkafka], resources: [.embedInCode("Sinks/wa_outbox_v1.lua")],
            swiftSettings: settings),
        .executableTarget(
            name: "Operator", dependencies: process + ["Conversation", "Backfill", argumentParser],
            resources: [.embedInCode("Serve/Page")], swiftSettings: settings),
        .executableTarget(
            name: "Simulator", dependencies: process + [nioCore, nioPosix, nioHTTP1], resources: [.embedInCode("Page")],
            swiftSettings: settings),
        .target(
            name: "TestSupport", dependencies: ["Common", subprocess, systemPackage, logging, nioHTTP1],
            path: "Tests/TestSupport", swiftSettings: settings),
        .executableTarget(
            name: "ProcessFixture", dependencies: process, path: "Tests/ProcessFixture", swiftSettings: settings),
        .target(name: "QueueModel", path: "Tests/QueueModel", swiftSettings: settings),
        .executableTarget(
            name: "QueueSearch", dependencies: ["QueueModel"], path: "Tests/QueueSearch", swiftSettings: settings),
        .executableTarget(
            name: "RelayBench", dependencies: ["Common", "TestSupport", logging], path: "Benchmarks/RelayBench",
            swiftSettings: settings),
        .target(
            name: "MicroCases", dependencies: ["Common", "Conversation"], path: "Benchmarks/MicroCases",
            swiftSettings: settings),
        .executableTarget(
            name: "InstructionCount", dependencies: ["MicroCases"], path: "Benchmarks/InstructionCount",
            swiftSettings: settings),
        tests("BenchmarkTests", ["MicroCases"]),
        tests("QueueModelTests", ["QueueModel"]),
        tests("CommonTests", ["ProcessFixture", subprocess, systemPackage], resources: [.copy("Fixtures")]),
        tests("ConversationTests", ["Conversation"]),
        tests("IngestTests", ["Ingest", nioHTTP1], resources: [.copy("Fixtures")]),
        tests("WorkerTests", ["Worker", "Conversation", nioHTTP1]),
        tests("BackfillTests", ["Backfill", nioHTTP1]),
        tests("RelayTests", ["Relay", nioHTTP1, rdkafka, subprocess, systemPackage]),
        tests("OperatorTests", ["Operator", argumentParser, subprocess, systemPackage, nioHTTP1]),
        tests("SimulatorTests", ["Simulator", nioHTTP1]),
        tests(
            "SystemTests", ["Ingest", "Worker", "Relay", "Operator", "Simulator", subprocess, systemPackage, nioHTTP1]),
        tests(
            "DeploymentTests",
            ["Ingest", "Worker", "Relay", "Operator", "Simulator", subprocess, systemPackage, nioHTTP1]),
        tests("ChaosTests", ["Ingest", "Worker", "Relay", "Operator", "Simulator", nioHTTP1]),
    ] + timed
)
