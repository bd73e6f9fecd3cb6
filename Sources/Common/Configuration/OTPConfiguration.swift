/// One-time codes.
///
/// - `OTP_SECRET` (required, secret, at least 32 characters): the key that codes are made and checked with
/// - `OTP_SECRET_SECONDARY` (secret, at least 32 characters): another one whose codes count too, while one takes the
///   other's place
package struct OTPConfiguration: Sendable {
    package let secret: Secret
    package let secondary: Secret?

    package init(reading values: inout ConfigurationValues) {
        secret = values.secret("OTP_SECRET", minimumLength: 32)
        secondary = values.optionalSecret("OTP_SECRET_SECONDARY", minimumLength: 32)
    }
}
