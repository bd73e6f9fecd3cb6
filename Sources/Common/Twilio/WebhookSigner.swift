/// Signs webhooks as Twilio does: for the simulator, for tests, and for a look at one's own configuration.
package struct WebhookSigner: Sendable {
    private let key: HMACKey

    package init(secret: Secret, algorithm: HMACKey.Algorithm = .sha1) {
        key = HMACKey(algorithm, key: Array(secret.value.utf8))
    }

    /// The value of `X-Twilio-Signature` for a form posted to `url`; a body with too many parameters is signed as empty.
    package func signature(url: String, form body: [UInt8]) -> String {
        key.code(for: SignedURL(url).bytes, FormParameters(parsing: body)?.signedBytes ?? []).base64
    }

    /// The address to post another body to, with its hash, and the signature.
    package func signature(url: String, body: [UInt8]) -> (url: String, signature: String) {
        let separator = url.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        let hashed = url + separator + "bodySHA256=" + SHA256.digest(of: body).hex
        return (hashed, key.code(for: SignedURL(hashed).bytes).base64)
    }
}
