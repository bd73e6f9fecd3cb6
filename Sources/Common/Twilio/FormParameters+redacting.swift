extension FormParameters {
    /// The same form with the values of some parameters replaced by `[redacted]`, for what must not be stored.
    ///
    /// A body that is no form at all is replaced whole.
    package static func redacting(_ names: Set<String>, in body: [UInt8]) -> [UInt8] {
        guard let form = FormParameters(parsing: body) else { return Array("[redacted]".utf8) }
        return encode(
            (0..<form.count).map { index in
                let (name, value) = form[index]
                let text = String(decoding: name, as: UTF8.self)
                return (text, names.contains(text) ? "[redacted]" : String(decoding: value, as: UTF8.self))
            })
    }
}
