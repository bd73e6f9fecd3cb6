package import NIOHTTP1

/// What another server answered, whatever its status.
package struct HTTPResponse: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: [UInt8]

    /// The body as text, with replacement characters where it is not UTF-8.
    package var text: String { String(decoding: body, as: UTF8.self) }
}
