import Common
import Glibc
import Logging
import ServiceLifecycle

/// A process for tests of `ServiceProcess`; `BEHAVIOUR` says how its second service behaves.
@main struct ProcessFixtureMain {
    enum Behaviour: String, CaseIterable {
        /// Ends when it is told to.
        case good
        /// Ends only when it is cancelled.
        case slow
        /// Does not end at all.
        case deaf
        /// Throws soon after its start.
        case failing
        /// Returns soon after its start.
        case ending
        /// Cannot be made.
        case impossible
        /// Writes `FIXTURE_LINES` lines, says how long that took, and is good from then on.
        case chatty
        /// Writes what `FIXTURE_TEXT` holds into a line, and is good from then on.
        case leaky
    }

    struct Configuration: Sendable {
        var behaviour: Behaviour
        var lines: Int
        var text: String

        init(reading values: inout ConfigurationValues) {
            behaviour = values.choice("BEHAVIOUR", default: .good)
            lines = values.int("FIXTURE_LINES", default: 0, in: 0...1_000_000)
            text = values.string("FIXTURE_TEXT", default: "")
        }
    }

    static func main() async {
        await ServiceProcess.run(
            "fixture", configuration: { Configuration(reading: &$0) },
            services: { configuration, context in
                if configuration.behaviour == .impossible { throw Broken() }
                return [
                    Announcer(context: context), Actor(configuration: configuration, context: context),
                    ReadinessWatch(context.readiness, [("always", { true })]),
                ]
            })
    }
}

struct Broken: Error {}

/// Says when the process is ready and when it no longer is.
struct Announcer: Service {
    let context: ProcessContext

    func run() async throws {
        while !context.readiness.isReady, !context.readiness.isShuttingDown {
            try await Task.sleep(for: .milliseconds(1))
        }
        let onReactor = context.reactor.isCurrentThread
        context.logger.info("ready", metadata: ["on_reactor": .stringConvertible(onReactor)])
        try await gracefulShutdown()
        context.logger.info("last to stop", metadata: ["ready": .stringConvertible(context.readiness.isReady)])
    }
}

struct Actor: Service {
    let configuration: ProcessFixtureMain.Configuration
    let context: ProcessContext

    func run() async throws {
        switch configuration.behaviour {
        case .good: try await gracefulShutdown()
        case .slow: try await Task.sleep(for: .seconds(3600))
        case .deaf: while true { try? await Task.sleep(for: .milliseconds(50)); await Task.yield() }
        case .failing: throw Broken()
        case .ending, .impossible: return
        case .chatty:
            let start = ContinuousClock.now
            for number in 0..<configuration.lines {
                context.logger.log(
                    level: number % 3 == 0 ? .debug : .info, "line", metadata: ["number": .stringConvertible(number)])
                if number % 100 == 99 { await Task.yield() }
            }
            let duration = ContinuousClock.now - start
            context.logger.notice(
                "written", metadata: ["milliseconds": .stringConvertible(Int(duration.wholeMilliseconds))])
            try await gracefulShutdown()
        case .leaky:
            context.logger.info("leaky", metadata: ["text": "\(configuration.text)"])
            try await gracefulShutdown()
        }
    }
}
