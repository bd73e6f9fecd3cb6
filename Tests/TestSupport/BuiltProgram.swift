import Glibc

/// The path of one of this package's executables, which lie beside the program that runs the tests.
package func builtProgram(_ name: String) throws -> String {
    guard let tests = realpath("/proc/self/exe", nil) else { throw HarnessError("/proc/self/exe: errno \(errno)") }
    defer { free(tests) }
    let folder = String(cString: tests).split(separator: "/").dropLast().joined(separator: "/")
    let path = "/\(folder)/\(name)"
    guard access(path, X_OK) == 0 else { throw HarnessError("\(path) is not built") }
    return path
}
