import Glibc

/// The address of a socket, ready for `connect`.
package struct ResolvedAddress: Hashable, Sendable {
    /// The host as a number, `127.0.0.1` or `::1`, or the path of a Unix socket.
    package let host: String
    let family: Int32
    /// The bytes of the `sockaddr`.
    let storage: [UInt8]

    /// What `getaddrinfo` found; nil for a family that we do not use.
    init?(_ info: addrinfo) {
        guard let address = info.ai_addr, info.ai_family == AF_INET || info.ai_family == AF_INET6 else { return nil }
        family = info.ai_family
        storage = Array(UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen)))
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(address, info.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        host = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A Unix socket; nil when the path is longer than the system takes (107 bytes).
    init?(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard path.utf8.count < room.count else { return false }
            room.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { return nil }
        family = AF_UNIX
        host = path
        storage = withUnsafeBytes(of: address) { Array($0) }
    }

    func withSockaddr<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R? {
        storage.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            return body(base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }
}
