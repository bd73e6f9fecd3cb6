import ArgumentParser
import Common
import Glibc
import Logging
import ServiceLifecycle

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves the console: a web page to watch the service and to deal with dead letters.",
        discussion: """
            Shows the queue, the workers, dead letters, conversations and the outbox; pauses and resumes the queue, \
            replays and discards. It goes on until SIGTERM or SIGINT (Ctrl-C), and while Redis or Postgres is away.

            On a loopback address (the default) it asks for nothing: whoever can reach this machine's loopback may use \
            it. On any other it needs OPERATOR_TOKEN (at least 32 characters; or OPERATOR_TOKEN_FILE), which its log-in \
            page asks for. Put it behind TLS and name the proxy in TRUSTED_PROXIES, or use a tunnel: \
            ssh -L 4020:127.0.0.1:4020 HOST. docs/console.md tells more.

            Numbers are masked, and what passengers wrote is hidden, until they are revealed one by one; that, and every \
            action, is written to standard output as JSON lines with the session's name.

            EXAMPLES
              operator serve
              operator serve --port 0
              OPERATOR_TOKEN_FILE=/run/secrets/operator operator serve --host 0.0.0.0 --port 4020
            """)

    @Option(name: .long, help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(name: .long, help: ArgumentHelp("The port to listen on; 0 takes a free one.", valueName: "number"))
    var port = 4020

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port takes a number from 0 to 65535, not \(port).")
        }
    }

    func run() async throws {
        let isLocal = Self.loopbacks.contains(host.lowercased())
        try await ConnectedOperator.unconnected(reading: { values in
            let configuration = ConsoleConfiguration(reading: &values)
            if !isLocal, configuration.token == nil, !values.isSet("OPERATOR_TOKEN") {
                values.report(
                    "OPERATOR_TOKEN",
                    "missing; expected at least 32 characters to serve on another address than 127.0.0.1")
            }
            return (configuration, ConsumerConfiguration(reading: &values).stateTTL)
        }) { servers, more, connections in
            let (configuration, stateTTL) = more
            let server = ConsoleServer(
                servers, configuration, stateTTL: stateTTL,
                host: isLocal && host.lowercased() == "localhost" ? "127.0.0.1" : host,
                port: port, isLocal: isLocal, logger: Self.logger(configuration))
            try await withTaskExecutorPreference(servers.reactor) {
                try await server.run(with: connections)
            }
        }
    }

    private static let loopbacks: Set<String> = ["127.0.0.1", "::1", "localhost"]

    private static func logger(_ configuration: ConsoleConfiguration) -> Logger {
        Logger(label: "operator") { _ -> any LogHandler in
            if isatty(STDOUT_FILENO) == 1 {
                return TextLogHandler(process: "operator", level: configuration.logLevel)
            }
            return JSONLogHandler(
                service: configuration.serviceName, process: "operator", level: configuration.logLevel)
        }
    }
}
