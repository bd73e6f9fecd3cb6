/// Why a webhook's signature was refused; the names are label values of a metric.
package enum SignatureRefusal: String, Error, Sendable, CaseIterable {
    /// There is no `X-Twilio-Signature`.
    case missingHeader = "missing_header"
    /// The header cannot be the base64 of any signature of the algorithm.
    case malformedHeader = "malformed_header"
    /// The settings header names an algorithm that we do not know.
    case unknownAlgorithm = "unknown_algorithm"
    /// The signature would be right for the other of http and https: a proxy or `PUBLIC_BASE_URL` has it wrong.
    case wrongScheme = "wrong_scheme"
    /// None of our secrets fits any form of the address: the token, the address or a parameter is not the one signed.
    case wrongToken = "wrong_token_or_url"
    /// The body is not a form, and the address carries no `bodySHA256`.
    case bodyHashMissing = "body_hash_missing"
    /// The signature of the address is right, and the body is not the one whose hash the address carries.
    case bodyHashMismatch = "body_hash_mismatch"
    /// It is signed by one of our secrets, and names another account than ours.
    case wrongAccount = "wrong_account"
    /// It is signed by one of our secrets, and is for a number or service that is not ours.
    case wrongRecipient = "wrong_recipient"
}
