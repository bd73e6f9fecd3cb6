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
    }

    static func main() async {
        await ServiceProcess.run(
            "fixture", configuration: { values in values.choice("BEHAVIOUR", default: Behaviour.good) },
            services: { behaviour, context in
                if behaviour == .impossible { throw Broken() }
                return [
                    Announcer(context: context), Actor(behaviour: behaviour),
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
    let behaviour: ProcessFixtureMain.Behaviour

    func run() async throws {
        switch behaviour {
        case .good: try await gracefulShutdown()
        case .slow: try await Task.sleep(for: .seconds(3600))
        case .deaf: while true { try? await Task.sleep(for: .milliseconds(50)); await Task.yield() }
        case .failing: throw Broken()
        case .ending, .impossible: return
        }
    }
}
