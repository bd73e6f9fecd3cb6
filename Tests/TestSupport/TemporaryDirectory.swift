import Glibc
import Subprocess

/// A scratch folder that is gone when the scope ends.
package func withTemporaryDirectory<R: Sendable>(_ body: (_ path: String) async throws -> R) async throws -> R {
    var template = Array("/tmp/wa-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw HarnessError("mkdtemp: errno \(errno)") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    chmod(path, 0o755)
    let result: Result<R, any Error>
    do { result = .success(try await body(path)) } catch { result = .failure(error) }
    _ = try await run(.name("rm"), arguments: ["-rf", path], output: .discarded)
    return try result.get()
}
