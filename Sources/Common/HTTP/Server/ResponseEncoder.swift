import NIOCore
import NIOHTTP1

/// Writes response heads: the status line, the responder's headers and those that are ours.
enum ResponseEncoder {
    /// How the end of a body is known.
    enum Framing {
        case length(Int)
        case chunked
        /// HTTP/1.0's way of sending a body of unknown length.
        case untilClose
    }

    static func write(
        _ response: HTTPServerResponse, _ framing: Framing, _ answer: HTTPConnection.Answer,
        into buffer: inout ByteBuffer
    ) {
        writeStatus(response.status, into: &buffer)
        for (name, value) in response.headers where !isOurs(name) {
            // A value that breaks the line would be another header.
            guard isClean(name), isClean(value) else { continue }
            buffer.writeString(name)
            buffer.writeStaticString(": ")
            buffer.writeString(value)
            buffer.writeStaticString("\r\n")
        }
        switch framing {
        case .length(let count):
            if response.status != .noContent, response.status != .notModified {
                buffer.writeStaticString("Content-Length: ")
                buffer.writeString(String(count))
                buffer.writeStaticString("\r\n")
            }
        case .chunked: buffer.writeStaticString("Transfer-Encoding: chunked\r\n")
        case .untilClose: break
        }
        if !answer.keepsAlive {
            buffer.writeStaticString("Connection: close\r\n")
        } else if answer.isVersion10 {
            buffer.writeStaticString("Connection: keep-alive\r\n")
        }
        buffer.writeStaticString("X-Correlation-ID: ")
        buffer.writeString(answer.correlationID.text)
        buffer.writeStaticString("\r\n\r\n")
    }

    /// One chunk of a chunked body.
    static func writeChunk(_ bytes: [UInt8], into buffer: inout ByteBuffer) {
        buffer.writeString(String(bytes.count, radix: 16))
        buffer.writeStaticString("\r\n")
        buffer.writeBytes(bytes)
        buffer.writeStaticString("\r\n")
    }

    private static func writeStatus(_ status: HTTPResponseStatus, into buffer: inout ByteBuffer) {
        if status == .ok {
            buffer.writeStaticString("HTTP/1.1 200 OK\r\n")
        } else {
            buffer.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        }
    }

    private static func isOurs(_ name: String) -> Bool {
        switch name.utf8.count {
        case 10: name.isHeader("connection")
        case 14: name.isHeader("content-length")
        case 16: name.isHeader("x-correlation-id")
        case 17: name.isHeader("transfer-encoding")
        default: false
        }
    }

    private static func isClean(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}

extension String {
    /// Whether this is the header called `name`, given in lower case.
    func isHeader(_ name: StaticString) -> Bool {
        guard utf8.count == name.utf8CodeUnitCount else { return false }
        var text = self
        return text.withUTF8 { given in
            name.withUTF8Buffer { expected in
                given.indices.allSatisfy { index in
                    let byte = given[index]
                    return (0x41...0x5A).contains(byte) ? byte | 0x20 == expected[index] : byte == expected[index]
                }
            }
        }
    }
}
