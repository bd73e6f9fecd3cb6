/// One of our programs as a process with this environment and nothing else; its output goes to `log`.
package func ourProcess(_ name: String, environment: [String: String], log: String) throws -> ServerProcess {
    let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return ServerProcess("env", ["-i"] + variables + [try builtProgram(name)], log: log)
}
