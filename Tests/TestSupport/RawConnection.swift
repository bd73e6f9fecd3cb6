import Glibc

/// One end of a TCP connection on loopback, for saying exactly what a test wants said; it never blocks a thread.
package final class RawConnection: Sendable {
    private let descriptor: Int32

    /// Takes over an open socket.
    fileprivate init(taking descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Connects to a port of 127.0.0.1; `receiveBuffer` limits, in bytes, what the kernel takes for a reader that is slow.
    package convenience init(port: Int, receiveBuffer: Int32? = nil) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        let result = withLoopback(port) { Glibc.connect(descriptor, $0, $1) }
        guard result == 0 else {
            Glibc.close(descriptor)
            throw HarnessError("cannot connect to port \(port): errno \(errno)")
        }
        self.init(taking: descriptor)
    }

    deinit { Glibc.close(descriptor) }

    package func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) async throws {
        var sent = 0
        try await until("the other side takes \(bytes.count) bytes") {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno != EAGAIN { throw HarnessError("send: errno \(errno)") }
            sent += max(0, count)
            return sent == bytes.count
        }
    }

    /// What has come by the time `isEnough` says so or the other side has closed.
    ///
    /// Keep it out of `#expect(…)`: there Swift 6.3.1 can confuse its closure with another of the same function.
    package func receive(
        within limit: Duration = .seconds(10), until isEnough: (String) -> Bool = { _ in false }
    ) async throws -> String {
        var received: [UInt8] = []
        try await until(
            "enough was received, after \(String(decoding: received.prefix(300), as: UTF8.self))", within: limit
        ) {
            var chunk = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = recv(descriptor, &chunk, chunk.count, 0)
                if count > 0 { received += chunk[..<count] }
                if count == 0 { return true }
                if count < 0 { return errno != EAGAIN || isEnough(String(decoding: received, as: UTF8.self)) }
            }
        }
        return String(decoding: received, as: UTF8.self)
    }

    /// Waits until the other side has closed, whatever it still says.
    package func waitForEnd(within limit: Duration = .seconds(10)) async throws {
        _ = try await receive(within: limit)
    }

    /// Says that no more will be sent.
    package func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closes the connection under whoever still holds it.
    package func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Closes so that the other side gets a reset instead of an end.
    package func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        // A descriptor in its place, so that `deinit` closes what is ours; closing the original sends the reset.
        let null = open("/dev/null", O_RDONLY)
        dup2(null, descriptor)
        Glibc.close(null)
    }
}

/// A listening socket on loopback whose connections a test answers by hand.
package final class RawListener: Sendable {
    package let port: Int
    private let descriptor: Int32

    package init() throws {
        port = try freePort()
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        let (descriptor, port) = (descriptor, port)
        guard withLoopback(port, { bind(descriptor, $0, $1) }) == 0, listen(descriptor, 128) == 0 else {
            throw HarnessError("cannot listen on port \(port): errno \(errno)")
        }
    }

    deinit { close(descriptor) }

    /// Refuses connections from now on.
    package func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    package func accept() async throws -> RawConnection {
        var accepted: Int32 = -1
        try await until("someone connects to port \(port)") {
            accepted = Glibc.accept(descriptor, nil, nil)
            return accepted >= 0
        }
        return RawConnection(taking: accepted)
    }

    /// The connection that is waiting to be accepted, if there is one.
    package func acceptNow() -> RawConnection? {
        let accepted = Glibc.accept(descriptor, nil, nil)
        return accepted >= 0 ? RawConnection(taking: accepted) : nil
    }
}

private func withLoopback<R>(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
}
