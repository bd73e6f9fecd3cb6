import ArgumentParser
import Common

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Looks whether everything is set up and works, and says how to mend what does not.",
        discussion: """
            Run it where the processes run, with their environment: it reads all of their variables. What it looks at:

              configuration   every variable, likely typos, secrets that are short or from .env.example, TLS
              postgres        connection, version, migrations, write access, timeouts, free connections
              redis           connection, version, persistence, memory and its policy, functions, cluster
              clocks          how far ours and the servers' are apart
              queue           depth and age, dead letters, pauses, workers, shards beyond QUEUE_SHARDS
              messages        stored and never processed, replies that failed
              relay           living relays, lag, parked events, disabled sinks, a log that went back in time
              twilio          credentials and account, our senders and the webhooks that they are set to
              public address  whether PUBLIC_BASE_URL leads to ingest, and whether a signature survives the way

            For the last it posts a signed delivery report about a message that does not exist, of which nothing comes \
            (a counter of ingest's, and a line of its log when it is refused). --offline leaves Twilio and the public \
            address out. Nothing is changed, except that Redis is given our queue functions if it has none.

            LEVELS
              ok       as it should be
              warning  it works, and should be otherwise; does not change the exit status
              problem  it does not work, or messages can be lost; exit status 1
              skipped  not looked at: something else comes first

            EXAMPLES
              operator doctor
              operator doctor --offline --json

            SEE ALSO
              scripts/smoke-test.sh looks at one process from outside; docs/runbook.md goes by symptom.
            """)

    @Flag(name: .long, help: "Leave Twilio and the public address out.")
    var offline = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() async throws {
        var bar = ProgressBar("examining", total: DoctorArea.allCases.count)
        defer { bar.end() }
        let report = await Doctor(environment: ProcessEnvironment.current, isOffline: offline).examine { bar.show($0) }
        bar.end()
        if json { Output.write(report.json) } else { Output.write(report.text) }
        if !report.isHealthy { throw ExitCode.failure }
    }
}
