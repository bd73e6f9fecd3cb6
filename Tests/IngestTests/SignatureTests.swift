import Common
import Testing

@Suite struct SignatureTests {
    @Test(arguments: Fixtures.vectors)
    func aVectorIsJudgedAsExpected(_ vector: Fixtures.Vector) throws {
        let body: SignatureValidator.Body
        if let form = vector.formBody {
            body = .form(try #require(FormParameters(parsing: Array(form.utf8))))
        } else {
            body = .other(Array((vector.body ?? "").utf8))
        }
        let refusal = SignatureValidator(secrets: [Secret(vector.token)]).refusal(
            signature: vector.signature, settings: vector.signatureSettingsHeader,
            urls: [SignedURL(vector.url)], body: body)
        #expect((refusal == nil) == vector.expected, "\(vector.id): \(refusal?.rawValue ?? "accepted")")
    }

    @Test(arguments: Fixtures.vectors.filter { $0.formBody != nil })
    func aFormIsReadAsItWasMeant(_ vector: Fixtures.Vector) throws {
        let form = try #require(FormParameters(parsing: Array((vector.formBody ?? "").utf8)))
        let read = (0..<form.count).map { form[$0] }.map {
            [String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)]
        }
        #expect(read == (vector.params ?? []).map { $0.map { $0 ?? "" } })
    }

    @Test(arguments: Fixtures.examples)
    func everyExampleIsSignedRightAndNoneWithAByteChanged(_ example: Fixtures.Example) throws {
        let validator = SignatureValidator(secrets: [Secret("another"), Secret(Fixtures.token)])
        let body = Array(example.formBody.utf8)
        #expect(try refusal(validator, example, body) == nil)
        for index in stride(from: 0, to: body.count, by: max(1, body.count / 40)) {
            var changed = body
            changed[index] ^= 1
            // A form can be written in two ways: `+` and `%20`, `%3A` and `%3a`. Those are no change.
            guard
                try #require(FormParameters(parsing: changed)).signedBytes
                    != #require(FormParameters(parsing: body)).signedBytes
            else { continue }
            #expect(try refusal(validator, example, changed) == .wrongToken)
        }
    }

    @Test(arguments: Fixtures.examples)
    func theSignerMakesTheSameSignature(_ example: Fixtures.Example) {
        let signer = WebhookSigner(secret: Secret(Fixtures.token))
        #expect(signer.signature(url: example.url, form: Array(example.formBody.utf8)) == example.signature)
    }

    @Test func anAddressOfAConnectionOverrideIsSignedWithoutItsFragment() throws {
        let example = Fixtures.examples[0]
        let validator = SignatureValidator(secrets: [Secret(Fixtures.token)])
        let url = SignedURL(example.url + "#rc=3&rp=ct,rt,5xx")
        #expect(try refusal(validator, example, Array(example.formBody.utf8), urls: [url]) == nil)
    }

    @Test func aRefusalSaysWhy() throws {
        let example = Fixtures.examples[0]
        let form = SignatureValidator.Body.form(
            try #require(FormParameters(parsing: Array(example.formBody.utf8))))
        let validator = SignatureValidator(secrets: [Secret(Fixtures.token)])
        let url = SignedURL(example.url)
        func refusal(_ signature: String?, settings: String? = nil, url: SignedURL = url) -> SignatureRefusal? {
            validator.refusal(signature: signature, settings: settings, urls: [url], body: form)
        }
        #expect(refusal(nil) == .missingHeader)
        #expect(refusal("") == .missingHeader)
        #expect(refusal("not base64") == .malformedHeader)
        #expect(refusal("c2hvcnQ=") == .malformedHeader)
        #expect(refusal("€€€€") == .malformedHeader)
        #expect(refusal(example.signature, settings: "key=a,algorithm=HMAC_MD5") == .unknownAlgorithm)
        #expect(refusal(example.signature, settings: "key=a,algorithm=HMAC_SHA256") == .malformedHeader)
        #expect(refusal(example.signature, url: SignedURL("http://bot.example.com/webhooks/whatsapp")) == .wrongScheme)
        #expect(refusal(example.signature, url: SignedURL("https://bot.example.com/whatsapp")) == .wrongToken)
        #expect(refusal(example.signature) == nil)
    }

    @Test func anotherBodyNeedsItsHash() {
        let secret = Secret("a secret of a test")
        let validator = SignatureValidator(secrets: [secret])
        let body = Array(#"{"a":1}"#.utf8)
        let signed = WebhookSigner(secret: secret).signature(url: "https://a.example/hook?x=1", body: body)
        let bare = WebhookSigner(secret: secret).signature(url: "https://a.example/hook", form: [])
        func refusal(_ signature: String, _ url: String, _ body: [UInt8]) -> SignatureRefusal? {
            validator.refusal(signature: signature, urls: [SignedURL(url)], body: .other(body))
        }
        #expect(refusal(signed.signature, signed.url, body) == nil)
        #expect(refusal(signed.signature, signed.url, body + [32]) == .bodyHashMismatch)
        #expect(refusal(bare, "https://a.example/hook", body) == .bodyHashMissing)
        #expect(refusal(bare, signed.url, body) == .wrongToken)
    }

    @Test func withoutASecretNothingIsAccepted() throws {
        let example = Fixtures.examples[0]
        #expect(try refusal(SignatureValidator(secrets: []), example, Array(example.formBody.utf8)) == .wrongToken)
    }

    private func refusal(
        _ validator: SignatureValidator, _ example: Fixtures.Example, _ body: [UInt8], urls: [SignedURL]? = nil
    ) throws -> SignatureRefusal? {
        validator.refusal(
            signature: example.signature, urls: urls ?? [SignedURL(example.url)],
            body: .form(try #require(FormParameters(parsing: body))))
    }
}
