import Glibc
import Logging
package import ServiceLifecycle

/// The life of a process: configuration, logs, metrics, services, signals, exit code.
///
/// Everything runs on one `Reactor`. Exit codes: 0 after a clean stop, 1 when a service failed or did not stop in
/// time, or for a wrong environment, 2 for a wrong command line, 128 + signal after a second signal.
package enum ServiceProcess {
    /// Runs the process called `name` and ends it.
    ///
    /// `commands` are what else the program does, for `--help`: a line each, as it is typed. `configuration` reads
    /// what is its own of the environment; problems are printed all at once. `services` makes the services, in the
    /// order in which they depend on each other: the last one is stopped first.
    package static func run<Configuration: Sendable>(
        _ name: String, commands: [String] = [],
        configuration: (inout ConfigurationValues) -> Configuration,
        services: @escaping @Sendable (Configuration, ProcessContext) async throws -> [any Service]
    ) async -> Never {
        // Libraries write to sockets that the other side may have closed.
        signal(SIGPIPE, SIG_IGN)
        var values = ConfigurationValues()
        let settings = ProcessSettings(reading: &values)
        let tracing = TracingConfiguration(reading: &values)
        let telemetry = TelemetryConfiguration(reading: &values, logLevel: settings.logLevel)
        let own = configuration(&values)
        answer(CommandLine.arguments.dropFirst(), name, commands, values)
        do {
            try values.check()
        } catch {
            complain("\(name): \(error)")
            exit(1)
        }
        let context = bootstrap(name, settings, telemetry, tracing, values)
        let code = await withTaskExecutorPreference(context.reactor) {
            await pushing(context) { await serve(context) { try await services(own, context) } }
        }
        exit(code)
    }

    private static func bootstrap(
        _ name: String, _ settings: ProcessSettings, _ configuration: TelemetryConfiguration,
        _ tracing: TracingConfiguration, _ values: ConfigurationValues
    ) -> ProcessContext {
        let reactor = Reactor(name: name)
        let telemetry = ProcessTelemetry.bootstrap(name, settings, configuration, reactor)
        let traces = TraceExport.make(
            tracing,
            .init(
                namespace: settings.serviceName, name: name, version: Build.version,
                environment: settings.appEnvironment.rawValue, instance: UUID.random().description),
            reactor: reactor, logger: telemetry.quiet)
        let context = ProcessContext(
            name: name, settings: settings, reactor: reactor, logger: telemetry.logger, registry: telemetry.registry,
            readiness: Readiness(), tracer: traces?.tracer ?? .off,
            pushing: telemetry.pushers + (traces.map { [$0.pushing] } ?? []))
        for (found, meant) in KnownVariables.suspectedTypos(in: ProcessEnvironment.current, own: values) {
            context.logger.warning(
                "unknown variable looks like a misspelling", metadata: ["variable": "\(found)", "meant": "\(meant)"])
        }
        for (variable, missing) in configuration.idle {
            context.logger.notice(
                "variable has no effect", metadata: ["variable": "\(variable)", "missing": "\(missing)"])
        }
        return context
    }

    /// Runs what pushes until `body` has ended and what was left then is pushed, or its time is over.
    private static func pushing(_ context: ProcessContext, _ body: () async -> Int32) async -> Int32 {
        if context.pushing.isEmpty { return await body() }
        return await withTaskGroup(of: Void.self) { tasks in
            for pushing in context.pushing { tasks.addTask { await pushing.run() } }
            let code = await body()
            for pushing in context.pushing { pushing.finish() }
            await tasks.waitForAll()
            return code
        }
    }

    private static func serve(
        _ context: ProcessContext, _ services: () async throws -> [any Service]
    ) async -> Int32 {
        let shutdown = Shutdown(context, flush: context.pushing.isEmpty ? .zero : PushFlush.limit)
        let logger = context.logger
        logger.notice(
            "starting",
            metadata: [
                "version": "\(Build.version)", "environment": "\(context.settings.appEnvironment)",
                "pid": .stringConvertible(Int(getpid())),
            ])
        let group: ServiceGroup
        do {
            group = ServiceGroup(
                configuration: configuration(metricsServer(context) + (try await services()), context, shutdown))
        } catch {
            logger.error("cannot start", error: error)
            return 1
        }
        context.readiness.started()
        return await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                for await _ in shutdown.requests { await group.triggerGracefulShutdown() }
            }
            tasks.addTask {
                // By then the services have connected, and the rest of the start is over as well.
                if (try? await Task.sleep(for: .seconds(1))) != nil { StartupPages.giveBack() }
            }
            defer { tasks.cancelAll() }
            let start = ContinuousClock.now
            do {
                try await group.run()
            } catch is CancellationError {
                logger.error("stopped after the grace period")
                return 1
            } catch {
                logger.error("stopped after a failure")
                return 1
            }
            logger.notice("stopped", metadata: ["uptime_seconds": .stringConvertible((.now - start).inSeconds)])
            return 0
        }
    }

    /// The server on `METRICS_PORT`, first in the order of services, so that it can be asked until the end.
    private static func metricsServer(_ context: ProcessContext) -> [any Service] {
        guard let port = context.settings.metricsPort else { return [] }
        var router = Router()
        AdminRoutes(context, checks: []).addMetrics(to: &router)
        var configuration = HTTPServerConfiguration(port: port)
        configuration.maximumConnections = 16
        return [HTTPServer(configuration: configuration, router: router, logger: context.logger)]
    }

    private static func configuration(
        _ services: [any Service], _ context: ProcessContext, _ shutdown: Shutdown
    ) -> ServiceGroupConfiguration {
        var quiet = context.logger
        quiet.logLevel = max(quiet.logLevel, .info)
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                let supervised = SupervisedService($0, context, shutdown)
                return .init(
                    service: supervised, failureTerminationBehavior: .gracefullyShutdownGroup,
                    serviceName: supervised.name)
            }, logger: quiet)
        configuration.maximumGracefulShutdownDuration = context.settings.shutdownGrace
        return configuration
    }

    /// Answers `--help` and `--version`, and refuses other arguments; each of them ends the process.
    private static func answer(
        _ arguments: ArraySlice<String>, _ name: String, _ commands: [String], _ values: ConfigurationValues
    ) {
        guard let argument = arguments.first else { return }
        switch argument {
        case "--version":
            print("\(name) \(Build.version)")
            exit(0)
        case "--help", "-h":
            print("usage: \(name) [--help | --version]")
            for command in commands { print("       \(command)") }
            print("\nEverything is configured by environment variables:")
            for variable in values.namesInOrder.sorted() {
                print("  \(variable)" + (values.secretNames.contains(variable) ? " (or \(variable)_FILE)" : ""))
            }
            print("\n.env.example says what they mean.")
            exit(0)
        case _:
            complain("\(name): unknown argument; try --help")
            exit(2)
        }
    }

    private static func complain(_ text: String) {
        let line = Array((text + "\n").utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
