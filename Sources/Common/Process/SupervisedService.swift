import Logging
import ServiceLifecycle

/// A service whose failure is logged with its name, and which ends when it is told to and not before.
struct SupervisedService: Service {
    let service: any Service
    let name: String
    let context: ProcessContext
    let shutdown: Shutdown

    init(_ service: any Service, _ context: ProcessContext, _ shutdown: Shutdown) {
        self.service = service
        self.context = context
        self.shutdown = shutdown
        name = "\(type(of: service))"
    }

    func run() async throws {
        do {
            try await withGracefulShutdownHandler {
                try await service.run()
            } onGracefulShutdown: {
                shutdown.isStopping(name)
            }
        } catch is CancellationError where Task.isCancelled || context.readiness.isShuttingDown {
            // Told to stop, one way or the other: see below.
        } catch {
            context.logger.error("service failed", error: error, metadata: ["service_name": "\(name)"])
            shutdown.begin()
            throw error
        }
        if Task.isCancelled {
            shutdown.wasCancelled(name)
            throw CancellationError()
        }
        guard context.readiness.isShuttingDown else {
            context.logger.error("service ended by itself", metadata: ["service_name": "\(name)"])
            shutdown.begin()
            throw EndedByItself(name: name)
        }
        // Services are told to stop one after another; one that ends before its turn waits for it.
        try? await gracefulShutdown()
    }

    struct EndedByItself: Error {
        let name: String
    }
}
