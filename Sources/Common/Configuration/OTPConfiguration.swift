/// One-time codes.
///
/// - `OTP_SECRET` (required, secret, at least 32 characters): the key that stored codes are hashed with
package struct OTPConfiguration: Sendable {
    package let secret: Secret

    package init(reading values: inout ConfigurationValues) {
        secret = values.secret("OTP_SECRET", minimumLength: 32)
    }
}
