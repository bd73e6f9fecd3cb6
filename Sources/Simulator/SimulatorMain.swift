import Common
import Logging
import ServiceLifecycle

@main struct SimulatorMain {
    static func main() async {
        if CommandLine.arguments.dropFirst().first == "delay" {
            await DelayCommand.run(Array(CommandLine.arguments.dropFirst(2)))
        }
        await ServiceProcess.run(
            "simulator", commands: ["simulator delay --help"], configuration: Settings.init(reading:)
        ) { settings, context in
            let page = "http://127.0.0.1:\(settings.simulator.port)/"
            let simulator = Simulator(
                settings.simulator, redis: settings.redis, reactor: context.reactor, logger: context.logger
            ) { _ in
                context.logger.notice("the chat page is ready", metadata: ["url": "\(page)"])
            }
            // Somebody to write as at once; the number is one that Ofcom keeps for fiction.
            _ = try? await simulator.simulation.addPassenger(
                name: "Alex Morgan", number: "+447700900123", username: nil)
            return simulator.all
        }
    }

    private struct Settings: Sendable {
        let simulator: SimulatorConfiguration
        let redis: RedisConfiguration?

        init(reading values: inout ConfigurationValues) {
            simulator = SimulatorConfiguration(reading: &values)
            var redis: RedisConfiguration?
            if let url = values.optionalSecret("REDIS_URL") {
                redis = try? RedisConfiguration(url: url)
                if redis == nil { values.report("REDIS_URL", "expected a redis:// or rediss:// address") }
            }
            self.redis = redis
        }
    }
}
