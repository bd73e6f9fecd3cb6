import Common
import Glibc
import Subprocess
import SystemPackage

/// A server that a test started, to be paused, killed and started again under what is tested.
///
/// A signal reaches its children too, of which Postgres has many, each in a session of its own. It leads a process
/// group and dies with the test process (`PR_SET_PDEATHSIG` through `setpriv`), however that one ends.
package actor ServerProcess {
    /// The kernel counts the end of the *thread* that started a child as its parent's death: this one never ends.
    private static let spawner = Reactor(name: "spawner")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { Self.spawner.asUnownedSerialExecutor() }

    private let executable: String
    private let arguments: [String]
    private let user: String?
    private let log: String
    private var pid: pid_t?

    /// Describes a server; `user` is whom to run as when we are root, since Postgres refuses to be root.
    package init(_ executable: String, _ arguments: [String], user: String? = nil, log: String) {
        self.executable = executable
        self.arguments = arguments
        self.user = user
        self.log = log
    }

    package func start() throws {
        guard pid == nil else { throw HarnessError("\(executable) is running already") }
        LogWatch.started(arguments, log: log)
        var words = ["setpriv", "--pdeathsig", "KILL"]
        if let user, geteuid() == 0 { words += ["--reuid", user, "--regid", user, "--init-groups"] }
        words += [executable] + arguments
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        // This thread has signals blocked, and a child would inherit that: it gets a clean slate.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        defer {
            posix_spawnattr_destroy(&attributes)
            posix_spawn_file_actions_destroy(&actions)
        }
        var vector: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for word in vector { free(word) } }
        Self.keepOpenFilesHere()
        var new = pid_t()
        let error = posix_spawnp(&new, "setpriv", &actions, &attributes, &vector, environ)
        guard error == 0 else { throw HarnessError("cannot start \(executable): errno \(error)") }
        pid = new
    }

    /// What happens to be open is not the child's: a socket of a test would keep its port for as long as the child lives.
    private static func keepOpenFilesHere() {
        guard let folder = opendir("/proc/self/fd") else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let descriptor = Int32(name), descriptor > 2 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        }
    }

    /// Sends a signal to the server and its children: `SIGSTOP` pauses all of them.
    package func send(_ signal: Int32) {
        if let pid { Self.send(signal, to: pid) }
    }

    private static func send(_ signal: Int32, to pid: pid_t) {
        let children = children(of: pid)
        kill(-pid, signal)
        for child in children { send(signal, to: child) }
    }

    private static func children(of pid: pid_t) -> [pid_t] {
        guard let file = fopen("/proc/\(pid)/task/\(pid)/children", "r") else { return [] }
        defer { fclose(file) }
        var text = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&text, 1, text.count, file)
        return text[..<count].split(separator: UInt8(ascii: " ")).compactMap {
            pid_t(String(decoding: $0, as: UTF8.self))
        }
    }

    /// Ends the process and waits until it is gone.
    ///
    /// Safe to call twice.
    package func stop(_ signal: Int32 = SIGKILL) async throws {
        guard let pid else { return }
        Self.send(SIGCONT, to: pid)
        Self.send(signal, to: pid)
        _ = try await end()
    }

    /// Waits until the process has ended by itself, and tells how.
    package func end(within limit: Duration = .seconds(20)) async throws -> Ending? {
        guard let pid else { return nil }
        var status: Int32 = 0
        try await until("\(executable) has ended", within: limit) { waitpid(pid, &status, WNOHANG) != 0 }
        self.pid = nil
        return Ending(status)
    }

    /// Throws what the log says when the process has ended although nobody ended it.
    package func assertRuns() throws {
        guard let pid else { throw HarnessError("\(executable) does not run") }
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return }
        self.pid = nil
        throw HarnessError("\(executable) has ended by itself, \(Ending(status)): \(textOfFile(log).suffix(500))")
    }

    /// How a process ended.
    package enum Ending: Hashable, Sendable {
        case exit(Int32)
        case signal(Int32)

        /// Reads the status that `waitpid` gives.
        init(_ status: Int32) {
            self = status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
        }
    }
}
