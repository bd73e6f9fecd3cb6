import Conversation

/// States, inputs and contexts that tests share.
enum Samples {
    static let states: [Conversation.State] = [.start, .awaitingTerms, .awaitingPhone, .awaitingOTP, .menu, .optedOut]

    static let termsURL = "https://example.com/terms"

    static func user(
        isNew: Bool = false, name: String? = "Ana", phone: String? = "+447700900123", byUsername: Bool = false,
        verified: Bool = false, terms: Bool = false, optedOut: Bool = false
    ) -> Conversation.User {
        Conversation.User(
            isNew: isNew, displayName: name, phoneNumber: phone, isKnownByUsernameOnly: byUsername,
            isVerified: verified, termsAccepted: terms, isOptedOut: optedOut)
    }

    static func context(
        _ user: Conversation.User, check: Conversation.CodeCheck = .noCode,
        allowance: Conversation.CodeAllowance = .allowed, channel: Conversation.CodeChannel = .sms
    ) -> Conversation.Context {
        Conversation.Context(
            user: user, codeCheck: check, codeAllowance: allowance, termsURL: termsURL, termsVersion: "2026-01",
            codeChannel: channel)
    }

    /// Somebody as they are when they stand in a state, having come there in the usual way.
    static func user(in state: Conversation.State) -> Conversation.User {
        switch state {
        case .start, .menu: user(verified: true, terms: true)
        case .awaitingTerms: user()
        case .awaitingPhone: user(phone: nil, byUsername: true, terms: true)
        case .awaitingOTP: user(terms: true)
        case .optedOut: user(verified: true, terms: true, optedOut: true)
        }
    }
}
