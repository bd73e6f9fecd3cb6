import Foundation
import Glibc
import TestSupport

/// A TCP connection to a server of this machine that sends exactly what it is told to, well-formed or not.
final class RawConnection: Sendable {
    /// What a server answered.
    struct Response: Sendable {
        var status: Int
        /// Names in lower case.
        var headers: [String: String]
        var body: String
    }

    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw HarnessError("connect: errno \(errno)") }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit { close(descriptor) }

    /// Sends all of it, or as much as the server takes before it closes.
    func send(_ bytes: [UInt8]) async throws {
        var sent = 0
        try await until("\(bytes.count) bytes are sent") {
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count > 0 {
                    sent += count
                } else if errno == EAGAIN {
                    return false
                } else {
                    return true
                }
            }
            return true
        }
    }

    /// Waits for one response; nil when the server closes without one.
    func response(within limit: Duration = .seconds(20)) async throws -> Response? {
        var received: [UInt8] = []
        var result: Response?
        try await until("an answer has come", within: limit) {
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count > 0 { received += buffer.prefix(count) }
                result = Self.parse(received)
                if result != nil { return true }
                if count == 0 { return true }
                if count < 0 { return errno != EAGAIN }
            }
        }
        return result
    }

    private static func parse(_ bytes: [UInt8]) -> Response? {
        guard let end = String(decoding: bytes, as: UTF8.self).range(of: "\r\n\r\n") else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let sides = line.split(separator: ":", maxSplits: 1)
            guard sides.count == 2 else { continue }
            headers[sides[0].lowercased()] = sides[1].trimmingCharacters(in: .whitespaces)
        }
        let body = text[end.upperBound...]
        guard let length = headers["content-length"].flatMap({ Int($0) }), body.utf8.count >= length else { return nil }
        return Response(status: status, headers: headers, body: String(body))
    }
}
