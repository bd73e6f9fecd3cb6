import Common
import Foundation
import Testing

/// Signatures of Standard Webhooks, against those of its official library.
@Suite struct StandardWebhookTests {
    struct Vector: Codable, Sendable, CustomTestStringConvertible {
        var name: String
        var secret: String
        var id: String
        var timestamp: Int64
        var body: String
        var signature: String

        var testDescription: String { name }
        var bytes: [UInt8] { Array(body.utf8) }
        var sentAt: Timestamp { Timestamp(seconds: timestamp) }
    }

    static let vectors: [Vector] = {
        let url = Bundle.module.url(forResource: "Fixtures/standard-webhooks-vectors", withExtension: "json")
        guard let url, let data = try? Data(contentsOf: url) else { return [] }
        return (try? JSONDecoder().decode([Vector].self, from: data)) ?? []
    }()

    private func refusal(
        _ vector: Vector, keys: StandardWebhookKeys, id: String? = nil, timestamp: String? = nil,
        signature: String? = nil, body: [UInt8]? = nil, after age: Duration = .zero
    ) -> StandardWebhookRefusal? {
        keys.refusal(
            id: id ?? vector.id, timestamp: timestamp ?? "\(vector.timestamp)",
            signature: signature ?? vector.signature, body: body ?? vector.bytes, now: vector.sentAt + age)
    }

    @Test func thereAreVectors() { #expect(Self.vectors.count == 4) }

    @Test(arguments: vectors) func whatTheLibrarySignsIsBelieved(_ vector: Vector) throws {
        let keys = try #require(StandardWebhookKeys(vector.secret))
        #expect(keys.signature(id: vector.id, timestamp: vector.timestamp, body: vector.bytes) == vector.signature)
        #expect(refusal(vector, keys: keys) == nil)
        #expect(refusal(vector, keys: keys, after: .seconds(300)) == nil)
        #expect(refusal(vector, keys: keys, after: .seconds(-300)) == nil)
        #expect(refusal(vector, keys: keys, after: .seconds(301)) == .tooOld)
        #expect(refusal(vector, keys: keys, after: .seconds(-301)) == .fromTheFuture)
    }

    @Test(arguments: vectors) func whatWasTamperedWithIsNot(_ vector: Vector) throws {
        let keys = try #require(StandardWebhookKeys(vector.secret))
        #expect(refusal(vector, keys: keys, body: vector.bytes + [0x20]) == .wrongSignature)
        for index in vector.bytes.indices {
            var body = vector.bytes
            body[index] ^= 1
            try #require(refusal(vector, keys: keys, body: body) == .wrongSignature)
        }
        #expect(refusal(vector, keys: keys, id: vector.id + "x") == .wrongSignature)
        #expect(refusal(vector, keys: keys, timestamp: "\(vector.timestamp + 1)") == .wrongSignature)
        for signature in ["", "v1,", "v1", vector.signature + "A", "v1a" + vector.signature.dropFirst(2), "v2,AAAA"] {
            #expect(refusal(vector, keys: keys, signature: signature) == .wrongSignature, "\(signature)")
        }
        for timestamp in ["", "now", "-1", "1e9", "99999999999999"] {
            #expect(refusal(vector, keys: keys, timestamp: timestamp) == .malformedHeader, "\(timestamp)")
        }
        for id in ["", "a b", "é", "a\u{1F}b", String(repeating: "x", count: 129)] {
            #expect(refusal(vector, keys: keys, id: id) == .malformedHeader, "\(id)")
        }
        #expect(keys.refusal(id: nil, timestamp: "1", signature: "v1,", body: [], now: .now) == .missingHeader)
    }

    /// While secrets are rotated each side may have both, in any order.
    @Test func eitherSecretWillDo() throws {
        let (first, second) = (Self.vectors[0], Self.vectors[1])
        for secrets in ["\(first.secret) \(second.secret)", "\(second.secret)  \(first.secret)"] {
            let both = try #require(StandardWebhookKeys(secrets))
            #expect(refusal(first, keys: both) == nil)
            #expect(refusal(second, keys: both) == nil)
            let twice = both.signature(id: first.id, timestamp: first.timestamp, body: first.bytes)
            #expect(twice.split(separator: " ").count == 2)
            let one = try #require(StandardWebhookKeys(first.secret))
            #expect(refusal(first, keys: one, signature: twice) == nil)
            #expect(refusal(first, keys: one, signature: "v1a,xyz \(first.signature)") == nil)
        }
        let old = try #require(StandardWebhookKeys(first.secret))
        #expect(refusal(second, keys: old) == .wrongSignature)
    }

    @Test(arguments: [
        "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAA", "whsec_not base64!",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw x",
    ])
    func whatIsNoSecretIsRefused(_ secret: String) { #expect(StandardWebhookKeys(secret) == nil) }
}
