import Common

/// A browser that may use the console.
struct Session: Sendable {
    /// What logs call it; it opens nothing.
    let name: String
    /// What its forms carry, so that no other page can make them.
    let formToken: String
    /// Whether somebody logged in; without a token there is nothing to log in with.
    let isLoggedIn: Bool

    /// The hidden field of every form.
    var field: HTML { #"<input type="hidden" name="\#(Self.fieldName)" value="\#(formToken)">"# }

    static let fieldName = "form_token"
}
