import Glibc

/// Where log lines go: standard output, a line a call of write(2), so that lines of several processes do not mix.
package struct LogOutput: Sendable {
    package let write: @Sendable ([UInt8]) -> Void

    package init(_ write: @escaping @Sendable ([UInt8]) -> Void) { self.write = write }

    /// How long a reader that does not read may hold a line up before it is dropped, in milliseconds.
    private static let patience: Int32 = 1000

    package static let standardOutput = LogOutput { line in
        line.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = Glibc.write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written > 0 {
                    rest = rest.dropFirst(written)
                } else if errno == EAGAIN {
                    var slot = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                    if poll(&slot, 1, patience) <= 0 { return }
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}
