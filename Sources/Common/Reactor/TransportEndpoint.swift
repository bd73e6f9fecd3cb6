/// Where a connection leads.
package enum TransportEndpoint: Hashable, Sendable {
    case tcp(host: String, port: Int)
    case unix(path: String)
}
