/// What passengers are asked to agree to.
///
/// - `TERMS_URL` (required): the page of the terms
/// - `TERMS_VERSION` (required): stored with the agreement
package struct ConversationConfiguration: Hashable, Sendable {
    package let termsURL: String
    package let termsVersion: String

    package init(reading values: inout ConfigurationValues) {
        termsURL = values.url("TERMS_URL")
        termsVersion = values.string(
            "TERMS_VERSION", expected: "1 to 64 characters", where: { $0.utf8.count <= 64 })
    }
}
