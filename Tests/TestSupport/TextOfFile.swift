import Glibc

/// What a file holds, such as what a process has printed so far; nothing when there is none yet.
package func textOfFile(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer.prefix(count) }
    return String(decoding: bytes, as: UTF8.self)
}

/// Writes a file anew, whole.
package func writeFile(_ path: String, _ text: String) throws {
    guard let file = fopen(path, "w") else { throw HarnessError("cannot write \(path): errno \(errno)") }
    let bytes = Array(text.utf8)
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count else { throw HarnessError("cannot write \(path): errno \(errno)") }
}
