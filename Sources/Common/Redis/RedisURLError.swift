/// What is wrong with a Redis URL; never the URL itself, which may hold a password.
package enum RedisURLError: Error, Hashable, CustomStringConvertible {
    case scheme, credentials, host, port, database, path, encoding, unknownPart

    package var description: String {
        switch self {
        case .scheme: "expected redis://, rediss:// or unix://"
        case .credentials: "expected user:password@ or :password@ before the host"
        case .host: "the host is missing or malformed"
        case .port: "the port is not a number from 1 to 65535"
        case .database: "the database is not a number"
        case .path: "expected the absolute path of a socket, unix:///path"
        case .encoding: "a percent-encoded part is malformed"
        case .unknownPart: "a part after ? or # is not known"
        }
    }
}
