/// What passengers are asked to agree to, and for how long they may claim.
///
/// - `TERMS_URL` (required): the page of the terms
/// - `TERMS_VERSION` (required): stored with the agreement
/// - `CLAIM_WINDOW_DAYS` (90): how many days back a journey may lie that is claimed for
package struct ConversationConfiguration: Hashable, Sendable {
    package let termsURL: String
    package let termsVersion: String
    package let claimWindowDays: Int

    package init(reading values: inout ConfigurationValues) {
        termsURL = values.url("TERMS_URL")
        termsVersion = values.string(
            "TERMS_VERSION", expected: "1 to 64 characters", where: { $0.utf8.count <= 64 })
        claimWindowDays = values.int("CLAIM_WINDOW_DAYS", default: 90, in: 1...3650)
    }
}
