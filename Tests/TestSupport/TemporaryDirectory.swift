import Glibc
import Subprocess

/// A scratch folder that is gone when the scope ends.
///
/// Throws when a process of ours wrote to a log in it what no log may hold (`LogWatch`).
package func withTemporaryDirectory<R: Sendable>(_ body: (_ path: String) async throws -> R) async throws -> R {
    var template = Array("/tmp/wa-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw HarnessError("mkdtemp: errno \(errno)") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    chmod(path, 0o755)
    let result: Result<R, any Error>
    do { result = .success(try await body(path)) } catch { result = .failure(error) }
    let findings = LogWatch.findings(under: path)
    _ = try await run(.name("rm"), arguments: ["-rf", path], output: .discarded)
    guard !findings.isEmpty else { return try result.get() }
    var failure = "what no log may hold: " + findings.joined(separator: "; ")
    if case .failure(let error) = result { failure += "; and: \(error)" }
    throw HarnessError(failure)
}
