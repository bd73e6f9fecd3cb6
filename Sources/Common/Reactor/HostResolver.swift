import COpenSSL  // its headers bring netdb.h in, so that `addrinfo` counts as its own
import Glibc

/// Finds the addresses of a host without blocking the reactor: `getaddrinfo` on a thread of its own.
package actor HostResolver {
    /// Threads that may hang in `getaddrinfo` at once, in the whole process; it cannot be interrupted.
    private static let maximumLookups = 16
    private static let lookups = Locked(0)

    package nonisolated let reactor: Reactor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    package init(reactor: Reactor) { self.reactor = reactor }

    /// The addresses of `host` in the system's order of preference, never empty; numbers are not looked up.
    package func resolve(
        _ host: String, port: Int, within limit: Duration
    ) async throws(HostResolutionError) -> [ResolvedAddress] {
        let deadline = ContinuousClock.now + limit
        if case .success(let addresses) = Self.addresses(of: host, port: port, flags: AI_NUMERICHOST) {
            return addresses
        }
        let mayStart = Self.lookups.withLock { lookups in
            guard lookups < Self.maximumLookups else { return false }
            lookups += 1
            return true
        }
        guard mayStart else { throw HostResolutionError(.busy, "too many host names are being looked up") }
        let answer = Locked<Result<[ResolvedAddress], HostResolutionError>?>(nil)
        let answered = Latch(reactor)
        let started = startThread { [reactor] in
            let result = Self.addresses(of: host, port: port, flags: 0)
            Self.lookups.withLock { $0 -= 1 }
            answer.withLock { $0 = result }
            reactor.submit { answered.open() }
        }
        guard started else {
            Self.lookups.withLock { $0 -= 1 }
            throw HostResolutionError(.busy, "no thread to look up a host name")
        }
        if await answered.wait(until: deadline), let result = answer.withLock({ $0 }) { return try result.get() }
        throw Task.isCancelled
            ? HostResolutionError(.cancelled, "looking up the host name was cancelled")
            : HostResolutionError(.timedOut, "looking up the host name took too long")
    }

    private static func addresses(
        of host: String, port: Int, flags: Int32
    ) -> Result<[ResolvedAddress], HostResolutionError> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = SocketKind.stream
        hints.ai_flags = flags | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0 else {
            let isUnknown = status == EAI_NONAME || status == -5  // EAI_NODATA, which Glibc hides
            return .failure(
                HostResolutionError(isUnknown ? .notFound : .unavailable, String(cString: gai_strerror(status))))
        }
        var found: [ResolvedAddress] = []
        var next = list
        while let info = next?.pointee {
            if let address = ResolvedAddress(info), !found.contains(address) { found.append(address) }
            next = info.ai_next
        }
        return found.isEmpty ? .failure(HostResolutionError(.notFound, "the host has no address")) : .success(found)
    }
}

/// Runs `body`, which may block, on a new thread that nobody waits for; false when the system gives none.
package func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 512 * 1024)
    let box = Unmanaged.passRetained(Body(body))
    var thread = pthread_t()
    let status = pthread_create(
        &thread, &attributes,
        { argument in
            if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
            return nil
        }, box.toOpaque())
    if status != 0 { box.release() }
    return status == 0
}
