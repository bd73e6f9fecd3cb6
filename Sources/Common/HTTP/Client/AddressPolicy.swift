import Glibc

/// Which addresses a client may connect to, asked for each connection with the address it is about to be made to.
///
/// Asked that late, no name that resolves to something else the second time gets around it.
package enum AddressPolicy: Hashable, Sendable {
    case anywhere
    /// What the public Internet routes; not this machine, not the networks it is in.
    case publicOnly

    /// Whether `address` may be connected to; of a family that is neither IPv4 nor IPv6 only `anywhere` says yes.
    func allows(_ address: UnsafePointer<sockaddr>, length: Int) -> Bool {
        switch self {
        case .anywhere: true
        case .publicOnly: NetworkAddress(address, length: length)?.isPublic ?? false
        }
    }
}

/// An IPv4 or IPv6 address.
package struct NetworkAddress: Hashable, Sendable {
    /// 4 or 16, in network order.
    let bytes: [UInt8]

    /// Reads `192.0.2.1` or `2001:db8::1`.
    package init?(_ text: String) {
        var (four, six) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bytes = withUnsafeBytes(of: six) { Array($0) }
        } else {
            return nil
        }
    }

    init?(_ address: UnsafePointer<sockaddr>, length: Int) {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
            bytes = withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in.self).sin_addr) { Array($0) }
        case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
            bytes = withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) }
        default: return nil
        }
    }

    private init(ipv4 bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// Whether the public Internet routes it, by IANA's registries of special purposes
    /// (https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry).
    ///
    /// Of IPv6 addresses that stand for an IPv4 one (mapped, or translated by 64:ff9b::/96) that one counts.
    package var isPublic: Bool {
        if bytes.count == 4 { return !Self.reserved4.contains { $0.contains(bytes) } }
        if Self.mapped.contains(bytes) || Self.translated.contains(bytes) {
            return NetworkAddress(ipv4: bytes.suffix(4)).isPublic
        }
        return Self.global6.contains(bytes) && !Self.reserved6.contains { $0.contains(bytes) }
    }

    /// An address and how many of its first bits count.
    private struct Network {
        let bytes: [UInt8]
        let bits: Int

        init(_ bytes: [UInt8], _ bits: Int) {
            self.bytes = bytes
            self.bits = bits
        }

        func contains(_ address: [UInt8]) -> Bool {
            (0..<bits).allSatisfy { bit in
                let given = bit / 8 < bytes.count ? bytes[bit / 8] : 0
                return (given ^ address[bit / 8]) >> (7 - UInt8(bit % 8)) & 1 == 0
            }
        }
    }

    private static let reserved4 = [
        Network([0], 8), Network([10], 8), Network([127], 8),  // this network, private, loopback
        Network([100, 64], 10),  // carrier-grade NAT
        Network([169, 254], 16), Network([172, 16], 12), Network([192, 168], 16),  // link-local, private
        Network([192, 0, 0], 24), Network([192, 0, 2], 24),  // protocol assignments, documentation
        Network([192, 88, 99], 24), Network([198, 18], 15),  // 6to4 relays, benchmarks
        Network([198, 51, 100], 24), Network([203, 0, 113], 24),  // documentation
        Network([224], 3),  // multicast, reserved, broadcast
    ]
    private static let mapped = Network([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 96)
    private static let translated = Network([0x00, 0x64, 0xFF, 0x9B], 96)
    /// All that is handed out; loopback, link-local, unique local and multicast addresses lie outside.
    private static let global6 = Network([0x20], 3)
    private static let reserved6 = [
        Network([0x20, 0x01, 0x00], 23),  // protocols such as Teredo, which carries an IPv4 address
        Network([0x20, 0x01, 0x0D, 0xB8], 32), Network([0x3F, 0xFF], 20),  // documentation
        Network([0x20, 0x02], 16),  // 6to4, which carries an IPv4 address
    ]
}
