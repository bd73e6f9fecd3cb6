import Glibc

/// A non-blocking stream of bytes over TCP or a Unix socket, plain or TLS.
///
/// It belongs to the reactor's thread; its owner drives it and closes it. A transport is opened once.
package final class Transport {
    private let reactor: Reactor
    private var descriptor: Int32 = -1
    private var tls: TLSSession?
    private var opening: Latch?
    private var interest = Reactor.Interest.read
    /// What waits for the socket to take more; TLS may have to write to read on.
    private var writeWantsWrite = false
    private var readWantsWrite = false
    package private(set) var isClosed = false

    package init(reactor: Reactor) { self.reactor = reactor }

    /// Connects to the first address that answers; with `tls` the certificate and its host name are verified.
    package func open(
        _ endpoint: TransportEndpoint, tls context: TLSContext?, resolver: HostResolver,
        until deadline: ContinuousClock.Instant
    ) async throws(TransportError) {
        do throws(TransportError) {
            let addresses = try await resolve(endpoint, resolver, until: deadline)
            try await connect(to: addresses, until: deadline)
            if let context, case .tcp(let host, _) = endpoint {
                let session = try TLSSession(context, descriptor: descriptor, host: host)
                tls = session
                while case .wants(let interest) = try session.handshake() {
                    try await wait(for: interest, until: deadline)
                }
            }
        } catch {
            close()
            throw error
        }
    }

    /// From now on `handler` is called whenever the connection may be ready; it keeps its owner alive until `close`.
    package func start(_ handler: @escaping (Reactor.Interest) -> Void) {
        guard !isClosed else { return }
        reactor.watch(descriptor, .read, handler)
    }

    /// Reads what there is; nil when nothing is there yet.
    package func read(into room: UnsafeMutableRawBufferPointer) throws(TransportError) -> Int? {
        guard !isClosed else { throw TransportError(.ended, "the connection is closed") }
        guard let tls else {
            let count = recv(descriptor, room.baseAddress, room.count, 0)
            if count > 0 { return count }
            if count == 0 { throw TransportError(.ended, "the server closed the connection") }
            if errno == EAGAIN || errno == EINTR { return nil }
            throw TransportError(.broken, "read", errno: errno)
        }
        let progress = try tls.read(into: room)
        if case .wants(.write) = progress { readWantsWrite = true } else { readWantsWrite = false }
        setInterest()
        switch progress {
        case .done(let count): return count
        case .wants: return nil
        case .ended: throw TransportError(.ended, "the server closed the connection")
        }
    }

    /// Whether decrypted bytes wait that no readiness will announce: read on.
    package var hasPending: Bool { tls?.hasPending ?? false }

    /// Writes the front of `bytes` and says how much was taken; when not all was, readiness to go on is reported.
    ///
    /// After less than all, the next call must begin with the rest, and may have more after it.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(TransportError) -> Int {
        guard !isClosed else { throw TransportError(.ended, "the connection is closed") }
        var written = 0
        writeWantsWrite = false
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            if let tls {
                let progress = try tls.write(rest)
                guard case .done(let count) = progress else {
                    if case .wants(.write) = progress { writeWantsWrite = true }
                    break
                }
                written += count
            } else {
                let count = send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                if count < 0 {
                    if errno == EINTR { continue }
                    if errno == EAGAIN {
                        writeWantsWrite = true
                        break
                    }
                    throw TransportError(.broken, "write", errno: errno)
                }
                written += count
            }
        }
        setInterest()
        return written
    }

    /// Ends the connection, or the attempt to open it.
    ///
    /// Safe to call twice.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        tls?.shutDown()
        tls = nil
        closeSocket()
        opening?.open()
    }

    // MARK: Opening

    private func resolve(
        _ endpoint: TransportEndpoint, _ resolver: HostResolver, until deadline: ContinuousClock.Instant
    ) async throws(TransportError) -> [ResolvedAddress] {
        switch endpoint {
        case .unix(let path):
            guard let address = ResolvedAddress(path: path) else {
                throw TransportError(.couldNotConnect, "the path of the socket is too long")
            }
            return [address]
        case .tcp(let host, let port):
            do throws(HostResolutionError) {
                return try await resolver.resolve(host, port: port, within: deadline - .now)
            } catch { throw TransportError(error) }
        }
    }

    /// Tries one address after the other, each with its share of the time that is left.
    private func connect(
        to addresses: [ResolvedAddress], until deadline: ContinuousClock.Instant
    ) async throws(TransportError) {
        for (index, address) in addresses.enumerated() {
            let now = ContinuousClock.now
            do throws(TransportError) {
                return try await connect(to: address, until: now + (deadline - now) / (addresses.count - index))
            } catch {
                closeSocket()
                if isClosed || Task.isCancelled || index == addresses.count - 1 { throw error }
            }
        }
    }

    private func connect(
        to address: ResolvedAddress, until deadline: ContinuousClock.Instant
    ) async throws(TransportError) {
        guard !isClosed else { throw TransportError(.cancelled, "the connection was given up") }
        let type = SocketKind.stream | SocketKind.nonBlocking | SocketKind.closeOnExec
        descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw TransportError(.couldNotConnect, "socket", errno: errno) }
        if address.family != AF_UNIX {
            setOption(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            // A peer that vanished is noticed after two minutes of silence, and idle connections stay open on the way.
            setOption(SOL_SOCKET, SO_KEEPALIVE, 1)
            setOption(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
            setOption(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 20)
            setOption(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
        }
        if address.withSockaddr({ Glibc.connect(descriptor, $0, $1) }) == 0 { return }
        guard errno == EINPROGRESS else { throw TransportError(.couldNotConnect, "connect", errno: errno) }
        try await wait(for: .write, until: deadline)
        var problem: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size)
        guard problem == 0 else { throw TransportError(.couldNotConnect, "connect", errno: problem) }
    }

    private func wait(
        for interest: Reactor.Interest, until deadline: ContinuousClock.Instant
    ) async throws(TransportError) {
        let ready = Latch(reactor)
        opening = ready
        reactor.watch(descriptor, interest) { _ in ready.open() }
        let isReady = await ready.wait(until: deadline)
        opening = nil
        guard !isClosed else { throw TransportError(.cancelled, "the connection was given up") }
        reactor.unwatch(descriptor)
        guard isReady else {
            throw Task.isCancelled
                ? TransportError(.cancelled, "connecting was cancelled")
                : TransportError(.timedOut, "connecting took too long")
        }
    }

    private func setOption(_ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private func setInterest() {
        let now: Reactor.Interest = writeWantsWrite || readWantsWrite ? [.read, .write] : .read
        guard now != interest else { return }
        interest = now
        reactor.setInterest(descriptor, now)
    }

    private func closeSocket() {
        guard descriptor >= 0 else { return }
        reactor.unwatch(descriptor)
        Glibc.close(descriptor)
        descriptor = -1
    }
}
