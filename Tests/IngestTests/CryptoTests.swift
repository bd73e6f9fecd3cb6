import Common
import Testing

@Suite struct CryptoTests {
    /// RFC 4231 and RFC 2202, test case 1, 2 and 6 (a key longer than a block).
    @Test func codesAreThoseOfTheStandards() {
        let key = [UInt8](repeating: 0x0b, count: 20)
        #expect(HMAC.sha1(key: key, message: Array("Hi There".utf8)).hex == "b617318655057264e28bc0b6fb378c8ef146be00")
        #expect(
            HMAC.sha256(key: key, message: Array("Hi There".utf8)).hex
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        let question = Array("what do ya want for nothing?".utf8)
        #expect(HMAC.sha1(key: Array("Jefe".utf8), message: question).hex == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
        let long = [UInt8](repeating: 0xaa, count: 131)
        #expect(
            HMAC.sha256(key: long, message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)).hex
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    @Test func aKeyCanBeUsedAgainAndFromAnyThread() async {
        let key = HMACKey(.sha1, key: Array("Jefe".utf8))
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<500).allSatisfy { index in
                        let message = Array("message \(index)".utf8)
                        return key.code(for: message) == HMAC.sha1(key: Array("Jefe".utf8), message: message)
                            && key.code(for: message, [1, 2]) == key.code(for: message + [1, 2])
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    @Test func anEmptyKeyIsAKey() {
        #expect(HMAC.sha1(key: [], message: []).hex == "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d")
    }

    @Test func aDigestIsThatOfTheStandard() {
        #expect(
            SHA256.digest(of: []).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            SHA256.digest(of: Array("abc".utf8)).hex
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func base64IsThatOfTheStandard(plain: String, encoded: String) {
        #expect(Array(plain.utf8).base64 == encoded)
        #expect([UInt8](base64: encoded.utf8) == Array(plain.utf8))
    }

    @Test func everyByteSurvivesBase64() {
        for length in 0..<200 {
            let bytes = [UInt8].random(length)
            #expect([UInt8](base64: bytes.base64.utf8) == bytes)
        }
    }

    /// What is not canonical could say the same thing in two ways.
    @Test(arguments: ["Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "=Zg=", "Zm 9v", "Zm9v\n", "____", "Zg===="])
    func whatIsNotBase64IsRefused(_ text: String) {
        #expect([UInt8](base64: text.utf8) == nil)
    }

    @Test func comparisonsAreOfAllBytes() {
        #expect(ConstantTime.equal([], []))
        #expect(ConstantTime.equal([1, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.equal([1, 2, 3], [1, 2, 4]))
        #expect(!ConstantTime.equal([1, 2, 3], [0, 2, 3]))
        #expect(!ConstantTime.equal([1, 2, 3], [1, 2]))
        #expect(!ConstantTime.equal([], [0]))
    }
}
