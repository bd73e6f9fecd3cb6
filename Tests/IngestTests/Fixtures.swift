import Common
import Foundation
import Testing

/// The files beside the tests; see `Fixtures/README.md`.
enum Fixtures {
    /// One signature, and whether it is right.
    struct Vector: Decodable, CustomTestStringConvertible {
        var id: String
        var token: String
        var url: String
        var params: [[String?]]?
        var body: String?
        var formBody: String?
        var signature: String
        var signatureSettingsHeader: String?
        var expected: Bool

        var testDescription: String { id }
    }

    /// One webhook as Twilio posts it.
    struct Example: Decodable, CustomTestStringConvertible {
        var id: String
        var url: String
        var headers: [String: String]
        var params: [[String]]
        var formBody: String

        var testDescription: String { id }
        var isStatus: Bool { id.hasPrefix("status_") }
        var signature: String? { headers["X-Twilio-Signature"] }
        func parameter(_ name: String) -> String? { params.first { $0.first == name }?.last }
    }

    static let vectors: [Vector] = load("twilio-signature-vectors", \VectorFile.vectors)
    static let examples: [Example] = load("inbound-examples", \ExampleFile.examples)
    static let token = load("inbound-examples", \ExampleFile.meta.authToken)
    static let account = "AC4c122831efef10ac68b5223dccd6f614"

    private struct VectorFile: Decodable { var vectors: [Vector] }
    private struct ExampleFile: Decodable {
        struct Meta: Decodable { var authToken: String }
        var meta: Meta
        var examples: [Example]
    }

    private static func load<File: Decodable, Value>(_ name: String, _ path: KeyPath<File, Value>) -> Value {
        do {
            guard let url = Bundle.module.url(forResource: "Fixtures/" + name, withExtension: "json") else {
                preconditionFailure("no fixture \(name)")
            }
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(File.self, from: Data(contentsOf: url))[keyPath: path]
        } catch {
            preconditionFailure("fixture \(name): \(error)")
        }
    }
}
