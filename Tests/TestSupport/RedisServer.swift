import Glibc

/// A Redis of a test's own, on a Unix socket and a port of loopback, in a scratch folder.
package struct RedisServer: Sendable {
    package let process: ServerProcess
    package let directory: String
    package let port: Int

    package var socket: String { directory + "/redis.sock" }
    /// What `REDIS_URL` is to be.
    package var url: String { "redis://127.0.0.1:\(port)" }

    package func start() async throws {
        try await process.start()
        try await until("redis answers") {
            try await process.assertRuns()
            return connects(toSocket: socket) && connects(toPort: port)
        }
    }

    /// Like a power cut: what is not in the append-only file is lost.
    package func kill() async throws { try await process.stop(SIGKILL) }
}

/// Runs `body` with a Redis that ends with the scope.
///
/// `options` are further settings as on the command line, `["--appendonly", "yes"]`; by default nothing is kept on disk.
package func withRedis<R: Sendable>(
    options: [String] = ["--appendonly", "no"], _ body: (RedisServer) async throws -> R
) async throws -> R {
    try await withTemporaryDirectory { directory in
        let port = try freePort()
        let process = ServerProcess(
            "redis-server",
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--unixsocket", directory + "/redis.sock", "--save", "",
                "--dir", directory, "--maxmemory-policy", "noeviction",
            ] + options, log: directory + "/redis.log")
        let server = RedisServer(process: process, directory: directory, port: port)
        try await server.start()
        let result: Result<R, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        try await process.stop()
        return try result.get()
    }
}
