import Common
import Glibc

/// Which logs our processes write in this run, and what must not be in them.
///
/// Every process of ours that a `ServerProcess` starts is noted, with its log and the secrets of its environment; who
/// writes to passengers or reads what was sent to them notes that. `withTemporaryDirectory` looks at the logs in its
/// folder before it goes, and throws when something is there that must not be.
package enum LogWatch {
    private struct Watched {
        var secrets: Set<LogSecret> = []
    }

    private static let programs: Set<String> = ["ingest", "worker", "relay", "simulator", "ProcessFixture"]
    /// By the path of the log.
    private static let watched = Locked<[String: Watched]>([:])
    /// By the folder that the logs are in.
    private static let said = Locked<[String: Set<LogSecret>]>([:])

    private static let secretNames: Set<String> = {
        var values = ConfigurationValues(environment: [:])
        KnownVariables.read(&values)
        return values.secretNames
    }()

    /// Notes a process that is about to start: `env -i NAME=value … /path/program`, or the like.
    static func started(_ words: [String], log: String) {
        // Asked for its version or its variables, a program prints and does not log: it has words behind it.
        guard let program = words.last, program.hasPrefix("/"),
            programs.contains(program.split(separator: "/").last.map(String.init) ?? "")
        else { return }
        let variables = words.compactMap { word -> (String, String)? in
            guard let sign = word.firstIndex(of: "="), sign > word.startIndex else { return nil }
            return (String(word[..<sign]), String(word[word.index(after: sign)...]))
        }
        let secrets = LogSecret.of(
            environment: Dictionary(variables, uniquingKeysWith: { $1 }), names: secretNames)
        watched.withLock { $0[log, default: Watched()].secrets.formUnion(secrets) }
    }

    /// Notes what was said to or by a passenger of the processes whose logs are in `directory`.
    package static func note(_ secrets: some Sequence<LogSecret>, in directory: String) {
        said.withLock { $0[directory, default: []].formUnion(secrets) }
    }

    /// Looks at the logs under a folder that is about to go, and forgets them.
    static func findings(under directory: String) -> [String] {
        let logs = watched.withLock { watched in
            let mine = watched.filter { $0.key.hasPrefix(directory + "/") }
            for path in mine.keys { watched[path] = nil }
            return mine
        }
        let noted = said.withLock { $0.removeValue(forKey: directory) ?? [] }
        return logs.sorted { $0.key < $1.key }.flatMap { path, log in
            LogScan(log.secrets.union(noted)).findings(in: Array(textOfFile(path).utf8))
                .map { "\(path.split(separator: "/").last ?? ""): \($0)" }
        }
    }
}
