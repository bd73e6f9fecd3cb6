import ArgumentParser
import Common
import Glibc

/// Exit codes: 0 done, 1 failed (a wrong environment too), 2 called the wrong way.
@main struct OperatorMain {
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try OperatorCommand.parseAsRoot()
            if var waiting = command as? any AsyncParsableCommand {
                try await waiting.run()
            } else {
                try command.run()
            }
        } catch {
            exit(explain(error))
        }
    }

    /// Prints what there is to say about `error` and gives back the exit code for it.
    private static func explain(_ error: any Error) -> Int32 {
        switch error {
        case let problems as ConfigurationProblems:
            Output.complain("operator: \(problems)")
            return 1
        case let failure as any CustomStringConvertible & OperatorFailure:
            Output.complain("operator: \(failure)")
            return 1
        case _: break
        }
        let code = OperatorCommand.exitCode(for: error)
        let text = OperatorCommand.fullMessage(for: error)
        if code.isSuccess, !text.isEmpty { Output.write(text) }
        if !code.isSuccess, !text.isEmpty { Output.complain(text) }
        return code == .validationFailure ? 2 : code.rawValue
    }
}

/// An error whose description is made for the person at the terminal.
protocol OperatorFailure: Error {}

extension MigrationError: OperatorFailure {}
extension PostgresError: OperatorFailure {}
extension RedisError: OperatorFailure {}
