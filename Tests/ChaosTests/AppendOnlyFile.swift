import Glibc
import TestSupport

/// The newest part of a Redis' log of commands.
struct AppendOnlyFile {
    private let path: String

    init(of redis: RedisServer) throws {
        let folder = redis.directory + "/appendonlydir"
        var found: [(time: Int, path: String)] = []
        guard let directory = opendir(folder) else { throw HarnessError("there is no \(folder)") }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasSuffix(".incr.aof") else { continue }
            var status = stat()
            stat(folder + "/" + name, &status)
            found.append((status.st_mtim.tv_sec, folder + "/" + name))
        }
        guard let newest = found.max(by: { $0.time < $1.time }) else {
            throw HarnessError("there is no log in \(folder)")
        }
        path = newest.path
    }

    /// Takes away its last bytes, all but the first kilobyte at most.
    func cut(_ bytes: Int) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { throw HarnessError("\(path): errno \(errno)") }
        let length = max(1024, status.st_size - bytes)
        guard length >= status.st_size || truncate(path, length) == 0 else {
            throw HarnessError("cannot cut \(path): errno \(errno)")
        }
    }
}
